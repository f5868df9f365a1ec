//! What others wrote, as text that is only shown: names, errors and logs may hold what moves a terminal's cursor, renames its
//! window, or begins a line of its own that looks like one of ours.

use std::borrow::Cow;

/// A text in one line: control characters but for tabs, and what changes the direction of writing, are written as escapes.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_harmful)
}

/// The same for text of several lines that are ours.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_harmful(c))
}

/// Whether a character does more than being shown.
pub fn is_harmful(c: char) -> bool {
    let directs = matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    directs || c.is_control() && c != '\t'
}

fn escaped(text: &str, is_harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_harmful(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_more_than_being_shown_is_escaped() {
        let plain = "a name\twith \u{e9} and \u{1f600}";
        assert_eq!(printable(plain), plain);
        assert_eq!(
            printable("x\nerror: \u{1b}[31mforged\r\u{9b}2J\u{202e}"),
            "x\\nerror: \\u{1b}[31mforged\\r\\u{9b}2J\\u{202e}"
        );
        assert_eq!(printable_lines("a\nb\u{7}\n"), "a\nb\\u{7}\n");
    }
}
