//! Comma-separated values.

use crate::printable::printable;

/// A cell, quoted where it has to be. What a spreadsheet would compute is made text, as it makes it itself: with an apostrophe.
pub fn cell(text: &str) -> String {
    let computed = text.starts_with(['=', '+', '-', '@', '\t']) && text.parse::<f64>().is_err();
    let text = if computed {
        format!("'{}", printable(text))
    } else {
        printable(text).into_owned()
    };
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn only_what_must_be_is_quoted() {
        assert_eq!(cell("a b"), "a b");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
    }

    #[test]
    fn a_cell_is_neither_computed_nor_two_lines() {
        for number in ["-1.5", "+3", "7"] {
            assert_eq!(cell(number), number);
        }
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-1+cmd"), "'-1+cmd");
        assert_eq!(cell("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
        assert_eq!(cell("a\nb,1"), "\"a\\nb,1\"");
    }
}
