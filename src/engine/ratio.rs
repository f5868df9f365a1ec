//! Exact rational numbers, so that `k / 2 * current` means what it says.

use core::{cmp::Ordering, fmt};
use serde::{Deserialize, Serialize};

/// A rational number in lowest terms. Arithmetic is exact; `None` where 128 bits do not suffice or the divisor is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self::integer(0);
    /// One.
    pub const ONE: Self = Self::integer(1);

    /// A whole number.
    pub const fn integer(value: i128) -> Self {
        Self {
            numerator: value,
            denominator: 1,
        }
    }

    /// `numerator / denominator`; `None` when the denominator is zero.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        if denominator == 1 {
            return Some(Self::integer(numerator));
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let (n, d) = (numerator / divisor, denominator / divisor);
        if d < 0 {
            return Some(Self {
                numerator: n.checked_neg()?,
                denominator: d.checked_neg()?,
            });
        }
        Some(Self {
            numerator: n,
            denominator: d,
        })
    }

    /// The numerator, in lowest terms.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The denominator, in lowest terms; positive.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// Whether it is a whole number.
    pub const fn is_integer(self) -> bool {
        self.denominator == 1
    }

    /// Sum.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.denominator == other.denominator {
            return Self::new(
                self.numerator.checked_add(other.numerator)?,
                self.denominator,
            );
        }
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(
            left.checked_add(right)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// Negation.
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self {
            numerator: self.numerator.checked_neg()?,
            denominator: self.denominator,
        })
    }

    /// Difference.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.checked_neg()?)
    }

    /// Product.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// Quotient.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.denominator)?,
            self.denominator.checked_mul(other.numerator)?,
        )
    }

    /// Power with a whole, non-negative exponent.
    pub fn checked_pow(self, exponent: Self) -> Option<Self> {
        let exponent = u32::try_from(exponent.is_integer().then_some(exponent.numerator)?).ok()?;
        let numerator = self.numerator.checked_pow(exponent)?;
        Self::new(numerator, self.denominator.checked_pow(exponent)?)
    }

    /// The greatest whole number not above it.
    pub const fn floor(self) -> i128 {
        self.numerator.div_euclid(self.denominator)
    }

    /// The smallest whole number not below it.
    pub const fn ceil(self) -> i128 {
        let floor = self.floor();
        if self.is_integer() { floor } else { floor + 1 }
    }

    /// The nearest floating-point number, for display and for the solver.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rounded figure is what is asked for"
    )]
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

impl From<u64> for Ratio {
    fn from(value: u64) -> Self {
        Self::integer(i128::from(value))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.checked_sub(*other) {
            Some(difference) => difference.numerator.cmp(&0),
            // Too large to subtract: the whole parts decide.
            None => self.floor().cmp(&other.floor()),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_integer() {
            return write!(f, "{}", self.numerator);
        }
        write!(f, "{} / {}", self.numerator, self.denominator)
    }
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
