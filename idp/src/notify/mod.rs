//! Sending of codes and mails, through one gateway (security.md 67). Nothing that is sent goes to a log.

use std::{future::Future, pin::Pin};

use portal_core::{account::Channel, login::Code, phone::PhoneNumber};

use storage::Notice;

use crate::texts::Texts;

/// What is sent.
#[derive(Clone)]
pub enum Message {
    /// A code to a phone.
    Code {
        /// Text message or voice.
        channel: Channel,
        /// Where to.
        to: PhoneNumber,
        /// The words around the code, in the person's language.
        text: String,
        /// The code.
        code: Code,
    },
    /// A text message without a code.
    Text {
        /// Where to.
        to: PhoneNumber,
        /// The words.
        text: String,
    },
    /// A mail.
    Email {
        /// Where to.
        to: String,
        /// The words.
        text: String,
    },
}

/// The gateway did not take the message.
#[derive(Debug, thiserror::Error)]
#[error("the message was not taken: {0}")]
pub struct NotSent(pub String);

/// What a gateway answers with.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// Something that delivers messages. The three minutes of a code begin when it returns (E6).
pub trait Gateway: Send + Sync {
    /// Hands a message over.
    fn send(&self, message: Message) -> Sending<'_>;
}

/// Takes every message and delivers none: for set-ups where nobody signs in yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullGateway;

impl Gateway for NullGateway {
    fn send(&self, _message: Message) -> Sending<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The message that carries a code. A voice says the digits one by one (O34).
pub fn code_message(texts: &Texts, channel: Channel, to: PhoneNumber, code: Code) -> Message {
    let text = match channel {
        Channel::Sms => texts.msg1("sms-code", "code", code.expose()),
        Channel::Voice => {
            let spoken: Vec<String> = code.expose().chars().map(String::from).collect();
            texts.msg1("voice-code", "code", &spoken.join(" "))
        }
    };
    Message::Code { channel, to, text, code }
}

/// What the words of notices may speak of. A fact that a notice does not carry shows nothing.
const FACTS: [&str; 11] = [
    "alert",
    "application",
    "by",
    "date",
    "groups",
    "organisation",
    "person",
    "reason",
    "role",
    "third_party",
    "until",
];

/// Title and text of a notice.
pub fn notice_words(texts: &Texts, notice: &Notice) -> (String, String) {
    let key = format!("notice-{}", notice.kind.as_str());
    let facts: Vec<(&str, &str)> = FACTS
        .iter()
        .map(|name| (*name, notice.facts.get(*name).map_or("", String::as_str)))
        .collect();
    let title = texts.msg_with(&key, facts.iter().copied());
    let text = texts.msg_with(&format!("{key}-text"), facts);
    (title, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The mail that carries a notice, with the address of the page that it leads to.
pub fn notice_mail(texts: &Texts, notice: &Notice, (to, link): (String, &str)) -> Message {
    let (title, text) = notice_words(texts, notice);
    let at = texts.instant(notice.created_at);
    let text = texts.msg_with(
        "mail-notice",
        [("title", title.as_str()), ("text", text.as_str()), ("link", link), ("at", at.as_str())],
    );
    Message::Email { to, text }
}

#[cfg(test)]
mod tests {
    use portal_core::notice::NoticeKind;

    use super::*;

    #[test]
    fn every_kind_of_notice_has_words_in_every_language() {
        for texts in [Texts::english(), Texts::for_locale("de")] {
            for kind in NoticeKind::ALL {
                let facts = FACTS.map(|name| (name.to_owned(), format!("<{name}>")));
                let notice = Notice {
                    id: uuid::Uuid::nil(),
                    kind,
                    facts: facts.into_iter().collect(),
                    created_at: portal_core::Timestamp::from_millis(0),
                    is_read: false,
                };
                let (title, text) = notice_words(&texts, &notice);
                for words in [&title, &text] {
                    assert!(words.len() > 5 && !words.contains("notice-"), "{kind:?}: {words}");
                    assert!(!words.contains('$') && !words.contains('{'), "{kind:?}: {words}");
                }
                let address = "https://idp.example/requests";
                let Message::Email { text: mail, .. } =
                    notice_mail(&texts, &notice, (String::new(), address))
                else {
                    panic!("a notice goes by mail");
                };
                assert!(mail.contains(&title) && mail.contains(&text));
                assert!(mail.lines().any(|line| line == address), "{mail}");
            }
        }
    }

    #[test]
    fn a_voice_says_the_digits_one_by_one_and_twice() {
        let number = PhoneNumber::parse("+4917604069001").unwrap();
        let code = Code::parse("012345").unwrap();
        let Message::Code { text, .. } =
            code_message(&Texts::english(), Channel::Voice, number.clone(), code.clone())
        else {
            panic!("a code is a code message");
        };
        assert_eq!(text.matches("0 1 2 3 4 5").count(), 2);
        let Message::Code { text, .. } =
            code_message(&Texts::english(), Channel::Sms, number, code)
        else {
            panic!("a code is a code message");
        };
        assert!(text.contains("012345"));
    }
}
