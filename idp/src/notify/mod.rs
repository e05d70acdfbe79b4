//! Sending of codes and mails, through one gateway (security.md 67). Nothing that is sent goes to a log.

use std::{future::Future, pin::Pin};

use portal_core::{account::Channel, login::Code, phone::PhoneNumber};

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

#[cfg(test)]
mod tests {
    use super::*;

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
