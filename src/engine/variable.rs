//! What an operation is measured by.

use core::{fmt, str::FromStr};
use serde::{Deserialize, Serialize};

macro_rules! variables {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $part:literal, $unit:literal;)*) => {
        /// A quantity that a cost formula may multiply: what one execution of the operation is measured by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Variable { $($(#[$doc])* $id,)* }

        impl Variable {
            /// Every variable, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$id,)*];

            /// The name in formulas, such as `words`.
            pub const fn name(self) -> &'static str { match self { $(Self::$id => $name,)* } }

            /// The name of the formula part it multiplies, such as `per_word`.
            pub const fn part(self) -> &'static str { match self { $(Self::$id => $part,)* } }

            /// What one unit is.
            pub const fn unit(self) -> &'static str { match self { $(Self::$id => $unit,)* } }
        }
    };
}

variables! {
    /// 32-byte words, rounded up.
    Words = "words", "per_word", "32-byte word";
    /// Bytes.
    Bytes = "bytes", "per_byte", "byte";
    /// Curve points, or pairs of points in a pairing.
    Points = "points", "per_point", "point";
    /// Rounds of a compression function.
    Rounds = "rounds", "per_round", "round";
    /// Log topics.
    Topics = "topics", "per_topic", "topic";
    /// 1 when the account or slot is touched for the first time in the transaction (EIP-2929).
    Cold = "cold", "per_cold", "cold access";
    /// 1 when the account or slot was touched before; in SSTORE, when nothing else is charged for the write.
    Warm = "warm", "per_warm", "warm access";
    /// 1 when a call carries value.
    Value = "value", "per_value", "call with value";
    /// 1 when the operation brings an account into existence.
    Created = "created", "per_created", "new account";
    /// 1 when a slot that was zero before the transaction is first written (EIP-2200).
    Set = "set", "per_set", "slot set";
    /// 1 when a slot that was not zero before the transaction is first changed (EIP-2200).
    Reset = "reset", "per_reset", "slot reset";
    /// MODEXP's multiplication complexity (EIP-7883).
    Complexity = "complexity", "per_complexity", "multiplication";
    /// MODEXP's iteration count (EIP-7883).
    Iterations = "iterations", "per_iteration", "iteration";
    /// The MSM discount per mille for this number of points (EIP-2537).
    Discount = "discount", "per_discount", "per mille";
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Variable {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|v| v.name() == text)
            .ok_or(())
    }
}
