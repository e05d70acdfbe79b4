//! What was sent.

use std::sync::Mutex;

use idp::notify::{Gateway, Message, NotSent, Sending};
use portal_core::account::Channel;

/// Keeps every message; can be told to refuse.
#[derive(Default)]
pub(crate) struct Inbox {
    messages: Mutex<Vec<Message>>,
    refuses: Mutex<bool>,
    breaks: Mutex<bool>,
}

impl Inbox {
    /// Whether messages are refused from now on.
    pub(crate) fn refuse(&self, refuses: bool) {
        *self.refuses.lock().unwrap() = refuses;
    }

    /// Whether a message that is handed over makes its handler panic from now on.
    pub(crate) fn break_down(&self, breaks: bool) {
        *self.breaks.lock().unwrap() = breaks;
    }

    /// The newest code, with its channel.
    pub(crate) fn newest_code(&self) -> (Channel, String) {
        self.codes().pop().expect("a code was sent")
    }

    /// All codes, oldest first.
    pub(crate) fn codes(&self) -> Vec<(Channel, String)> {
        let messages = self.messages.lock().unwrap();
        let codes = messages.iter().filter_map(|message| match message {
            Message::Code { channel, code, .. } => Some((*channel, code.expose().to_owned())),
            Message::Text { .. } | Message::Email { .. } => None,
        });
        codes.collect()
    }

    /// Whether one of the mails to an address has these words. Mails of one look go out at once: which of them is the
    /// newest is not said.
    pub(crate) fn was_mailed(&self, address: &str, words: &str) -> bool {
        let messages = self.messages.lock().unwrap();
        messages.iter().any(|message| matches!(message, Message::Email { to, text, .. } if to == address && text.contains(words)))
    }

    /// The newest mail to an address, where one was sent at a time.
    pub(crate) fn text_to(&self, address: &str) -> String {
        let messages = self.messages.lock().unwrap();
        let mut texts = messages.iter().rev().filter_map(|message| match message {
            Message::Email { to, text, .. } if to == address => Some(text.clone()),
            _ => None,
        });
        texts.next().unwrap_or_else(|| panic!("no mail went to {address}"))
    }

    /// Text messages without a code to a number.
    pub(crate) fn texts_to(&self, number: &str) -> usize {
        let messages = self.messages.lock().unwrap();
        let is_one = |message: &&Message| matches!(message, Message::Text { to, .. } if to.as_e164() == number);
        messages.iter().filter(is_one).count()
    }

    /// Addresses that mails went to.
    pub(crate) fn mails(&self) -> Vec<String> {
        let messages = self.messages.lock().unwrap();
        let mails = messages.iter().filter_map(|message| match message {
            Message::Email { to, .. } => Some(to.clone()),
            Message::Code { .. } | Message::Text { .. } => None,
        });
        mails.collect()
    }
}

impl Gateway for Inbox {
    fn send(&self, message: Message) -> Sending<'_> {
        Box::pin(async move {
            let breaks = *self.breaks.lock().unwrap();
            assert!(!breaks, "told to break down");
            if *self.refuses.lock().unwrap() {
                return Err(NotSent("told to refuse".to_owned()));
            }
            self.messages.lock().unwrap().push(message);
            Ok(())
        })
    }
}
