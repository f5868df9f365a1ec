//! Findings as a GitHub workflow takes them: lines that become annotations of the files they are about.

use super::found::{Found, word};

/// `::error file=F,line=L,col=C,endLine=L,endColumn=C,title=CODE::MESSAGE`.
pub(super) fn annotation(found: &Found<'_>) -> String {
    let diagnostic = found.diagnostic;
    let label = diagnostic.place();
    let place = label.and_then(|label| found.place(label.file, &label.span));
    let at = place.map_or_else(String::new, |place| {
        let (line, column) = place.start;
        let (end_line, end_column) = place.end;
        format!(
            "file={},line={line},col={column},endLine={end_line},endColumn={end_column},",
            property(place.path)
        )
    });
    let mut text = diagnostic.message.clone();
    let said = label
        .map(|label| &label.text)
        .filter(|text| !text.is_empty());
    let fix = diagnostic.fix.as_ref().map(|fix| &fix.message);
    for more in said
        .into_iter()
        .chain(&diagnostic.notes)
        .chain(&diagnostic.helps)
        .chain(fix)
    {
        text.push('\n');
        text.push_str(more);
    }
    format!(
        "::{} {at}title={}::{}",
        word(diagnostic.severity),
        property(diagnostic.code),
        data(&text)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_is_escaped() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(data("a:b,c%\n"), "a:b,c%25%0A");
    }
}
