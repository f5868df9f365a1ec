//! What a server is told in its environment, kept out of everything that is shown or kept of it.

use std::fmt;

/// Shorter ones are settings: `1`, `true`, `info`.
const SHORTEST: usize = 8;
/// What stands in place of one.
const HIDDEN: &str = "[hidden]";

/// The values of an environment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(Vec<String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Secrets {
    /// All of these that are long enough to be one.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a String>) -> Self {
        let long = values.into_iter().filter(|value| value.len() >= SHORTEST);
        let mut all: Vec<String> = long.cloned().collect();
        // One may be a part of another.
        all.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(all)
    }

    /// The text without them.
    pub fn hide(&self, text: &str) -> String {
        let hidden = |text: String, secret: &String| text.replace(secret, HIDDEN);
        self.0.iter().fold(text.to_owned(), hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let env = ["0xfeedbeef", "0xfeedbeef77", "1", ""].map(str::to_owned);
        let secrets = Secrets::of(&env);
        let said = "key=0xfeedbeef77, 0xfeedbeef\n1 0xfeedbee";
        assert_eq!(secrets.hide(said), "key=[hidden], [hidden]\n1 0xfeedbee");
    }
}
