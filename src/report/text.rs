//! Lines and paragraphs.

use crate::printable::printable;

/// Adds `text` as a line of its own, whatever is in it, without blanks at its end.
pub fn line(out: &mut String, text: impl AsRef<str>) {
    out.push_str(&printable(text.as_ref().trim_end()));
    out.push('\n');
}

/// Words in lines of at most `width` characters, without a line feed at the end.
pub fn wrapped<'a>(words: impl IntoIterator<Item = &'a str>, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in words {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= width;
            out.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_at_the_width() {
        assert_eq!(wrapped("one two three".split(' '), 7), "one two\nthree");
        assert_eq!(
            wrapped("a-word-too-long b".split(' '), 5),
            "a-word-too-long\nb"
        );
        assert_eq!(wrapped([], 5), "");
    }
}
