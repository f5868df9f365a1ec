//! What plots are drawn with: SVG images.

use super::text::line;
use crate::printable::printable;

/// Colours that are told apart, on paper and by the colour-blind (Okabe and Ito).
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
];

/// An image of this size with this inside.
pub fn image((width, height): (f64, f64), inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{inside}</svg>\n"
    )
}

/// One of several colours.
pub const fn colour(at: usize) -> &'static str {
    COLOURS[at % COLOURS.len()]
}

/// A text at a place; `anchor` says which of its ends is there.
pub fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, colour: &str, text: &str) {
    let text = escaped(text);
    line(
        out,
        format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
        ),
    );
}

/// A text as XML holds it.
fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let mut out = String::new();
        text(&mut out, (0.0, 0.0), "start", "#000", "</text><script>&\n");
        assert!(
            out.contains(">&lt;/text&gt;&lt;script&gt;&amp;\\n</text>"),
            "{out}"
        );
        assert_eq!(out.lines().count(), 1);
    }
}
