//! Reading a page: its title, its forms and their fields. Enough of HTML for pages of forms.

/// What a browser without script could do on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) forms: Vec<Form>,
}

/// A form with the fields that would be sent, filled as the page filled them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    /// In the order of the page, without buttons.
    pub(crate) fields: Vec<(String, String)>,
    /// Its buttons.
    pub(crate) buttons: Vec<Button>,
}

/// A button of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Button {
    pub(crate) id: String,
    /// The field that pressing it would send.
    field: Option<(String, String)>,
    /// Where it sends the form instead.
    action: Option<String>,
}

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        let mut page = Self { title: between(html, "<title>", "</title>"), forms: Vec::new() };
        let mut is_inside = false;
        for tag in html.split('<').skip(1) {
            let tag = Tag::parse(tag);
            match tag.name {
                "form" => {
                    is_inside = true;
                    page.forms.push(Form {
                        action: tag.get("action").unwrap_or_default(),
                        ..Form::default()
                    });
                }
                "/form" => is_inside = false,
                "input" | "button" if is_inside => {
                    if let Some(form) = page.forms.last_mut() {
                        form.add(&tag);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// The first form with a field of this name.
    pub(crate) fn form_with(&self, field: &str) -> Option<Form> {
        let has = |form: &&Form| form.fields.iter().any(|(name, _)| name == field);
        self.forms.iter().find(has).cloned()
    }

    /// The first form with a button of this `id`.
    pub(crate) fn form_of_button(&self, id: &str) -> Option<Form> {
        let has = |form: &&Form| form.buttons.iter().any(|button| button.id == id);
        self.forms.iter().find(has).cloned()
    }
}

impl Form {
    fn add(&mut self, tag: &Tag<'_>) {
        let is_button = tag.name == "button" || tag.get("type").is_some_and(|t| t == "submit");
        if is_button {
            self.buttons.push(Button {
                id: tag.get("id").unwrap_or_default(),
                field: tag.get("name").map(|name| (name, tag.get("value").unwrap_or_default())),
                action: tag.get("formaction"),
            });
            return;
        }
        let Some(name) = tag.get("name") else {
            return;
        };
        let is_unchecked =
            tag.get("type").is_some_and(|kind| kind == "checkbox") && tag.get("checked").is_none();
        if !is_unchecked {
            self.fields.push((name, tag.get("value").unwrap_or_default()));
        }
    }

    /// The same form as a button with this `id` would send it.
    #[must_use]
    pub(crate) fn press(mut self, id: &str) -> Self {
        if let Some(button) = self.buttons.iter().find(|button| button.id == id).cloned() {
            self.fields.extend(button.field);
            self.action = button.action.unwrap_or(self.action);
        }
        self
    }

    /// The same form with one field filled in.
    #[must_use]
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        for (field, content) in &mut self.fields {
            if field == name {
                value.clone_into(content);
            }
        }
        self
    }
}

/// A start or end tag; `name` of an end tag begins with a slash.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Parses what follows `<`.
    fn parse(text: &'a str) -> Self {
        let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
        let (name, attributes) = text.split_at(end);
        Self { name, attributes }
    }

    /// The value of an attribute; empty when it stands alone.
    fn get(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() && !rest.starts_with('>') {
            let end = rest
                .find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '>')
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let (value, after) = match after.strip_prefix('=') {
                Some(quoted) if quoted.starts_with('"') => {
                    quoted.get(1..).and_then(|text| text.split_once('"'))?
                }
                Some(bare) => bare
                    .split_once(|c: char| c.is_ascii_whitespace() || c == '>')
                    .unwrap_or((bare, "")),
                None => ("", after),
            };
            if name == wanted {
                return Some(unescape(value));
            }
            rest = after.trim_start();
            if name.is_empty() {
                return None;
            }
        }
        None
    }
}

fn between(text: &str, start: &str, end: &str) -> String {
    let found = text.split_once(start).and_then(|(_, t)| t.split_once(end));
    unescape(found.map_or("", |(title, _)| title).trim())
}

/// Resolves the character references that template engines write.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference =
            after.split_once(';').and_then(|(name, tail)| Some((character(name)?, tail)));
        let (c, tail) = reference.unwrap_or(('&', after));
        out.push(c);
        rest = tail;
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_with_their_fields_as_a_browser_would_send_them() {
        let page = Page::parse(
            r#"<html><title>Sign in &#38; go</title><input name="outside" value="1">
            <form method="post" action="/login?a=1&amp;b=2">
              <input type="hidden" name="csrf_token" value="x&#34;y">
              <input type="email" name="email" value="" autofocus required>
              <input type=checkbox name=keep value=yes>
              <button type="submit" id="login-submit">Go</button>
            </form>
            <form action="/other"><button name="channel" value="sms" id="resend-sms">SMS</button></form>"#,
        );
        assert_eq!(page.title, "Sign in & go");
        let login = page.form_with("email").unwrap().fill("email", "a@b.example");
        assert_eq!(login.action, "/login?a=1&b=2");
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(login.fields, [field("csrf_token", "x\"y"), field("email", "a@b.example")]);
        let resend = page.form_of_button("resend-sms").unwrap();
        assert_eq!(resend.fields, []);
        let resend = resend.press("resend-sms");
        assert_eq!(resend.fields, [field("channel", "sms")]);
        assert_eq!(page.form_with("outside"), None);
        assert_eq!(page.form_of_button("absent"), None);
    }

    #[test]
    fn a_lone_ampersand_stays_what_it_is() {
        assert_eq!(unescape("a & b &unknown; &#xe9;"), "a & b &unknown; é");
    }
}
