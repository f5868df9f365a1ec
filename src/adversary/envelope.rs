//! Blocks of transactions that do nothing: what one costs before it runs.

/// The shape of the transactions of a block.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// Whom they call.
    pub to: To,
    /// Wei sent.
    pub value: u32,
    /// Bytes of calldata that are zero, and after them bytes that are not.
    pub data: [u32; 2],
    /// Addresses in the access list, and storage keys of each.
    pub access: [u32; 2],
    /// Authorizations.
    pub authorizations: u32,
    /// Whether those accounts exist.
    pub existing: bool,
}

/// Whom a transaction calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// One account.
    One,
    /// Another account each time.
    Many,
    /// Another one each time, that does not exist.
    Fresh,
}

/// What is tried for a number.
pub(super) const NUMBERS: &[u32] = &[0, 0, 1, 2, 10, 100, 1000];
/// Calldata from so many bytes on is what a transaction is about.
const LONG: u32 = 1000;
/// Most authorizations of a transaction.
pub(super) const MOST_AUTHORIZATIONS: u32 = 100;

impl Envelope {
    /// The schedule's name of what most of its price is for.
    pub(super) const fn operation(&self) -> &'static str {
        let ([zeros, others], [addresses, keys]) = (self.data, self.access);
        if self.authorizations > 0 {
            return if self.existing {
                "TX_AUTH_BASE"
            } else {
                "TX_AUTH_PER_EMPTY_ACCOUNT"
            };
        }
        match addresses {
            0 if others >= LONG => "TX_FLOOR_NONZERO_BYTE",
            0 if zeros >= LONG => "TX_FLOOR_ZERO_BYTE",
            0 => "TX_BASE",
            _ if keys > 1 => "TX_ACCESS_LIST_STORAGE_KEY",
            _ => "TX_ACCESS_LIST_ADDRESS",
        }
    }

    /// The fields of its scenario.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let to = match self.to {
            To::One | To::Many => "wallet",
            To::Fresh => "fresh",
        };
        let copies = if self.to == To::One {
            ""
        } else {
            ", copies = 4096"
        };
        let [zeros, others] = self.data;
        let mut data = Vec::new();
        data.extend((zeros > 0).then(|| format!("0x00*{zeros}")));
        data.extend((others > 0).then(|| format!("0xa7*{others}")));
        let [addresses, keys] = self.access;
        let mut tx = vec![format!("to = \"{to}\"")];
        if !data.is_empty() {
            tx.push(format!("data = \"{}\"", data.join(" ")));
        }
        let numbers = [
            ("value", self.value),
            ("addresses", addresses),
            ("keys", keys),
            ("authorizations", self.authorizations),
        ];
        let given = numbers.iter().filter(|(_, number)| *number > 0);
        tx.extend(given.map(|(name, number)| format!("{name} = {number}")));
        if self.existing {
            tx.push("existing = true".into());
        }
        vec![
            ("tx", format!("{{ {} }}", tx.join(", "))),
            (
                "accounts",
                format!("[{{ name = \"wallet\"{copies}, balance = 1 }}]"),
            ),
        ]
    }

    /// What it is, in a few words.
    pub(super) fn text(&self) -> String {
        self.fields()
            .first()
            .map_or_else(String::new, |(name, text)| format!("{name} = {text}"))
    }
}
