//! Groups, and short Weierstrass curves on the zkVM's affine addition and doubling.

use alloc::vec::Vec;

use super::field::Words;

/// A group written additively.
pub trait Group: Copy {
    fn zero() -> Self;
    fn add(&mut self, other: &Self);
    fn double(&mut self);
}

/// A curve whose affine points are `N` words: x, then y, least significant word first.
pub trait Curve<const N: usize>: Copy {
    /// `p + q` of points with different x.
    fn add(p: &mut [u64; N], q: &[u64; N]);
    /// `p + p` of a point that is not its own negative.
    fn double(p: &mut [u64; N]);
}

/// A point of a curve; `None` is the point at infinity.
#[derive(Clone, Copy)]
pub struct Point<C, const N: usize>(pub Option<[u64; N]>, core::marker::PhantomData<C>);

impl<C: Curve<N>, const N: usize> Point<C, N> {
    /// The point with these coordinates, which is on the curve.
    pub fn new(coordinates: [u64; N]) -> Self {
        Self(Some(coordinates), core::marker::PhantomData)
    }
}

impl<C: Curve<N>, const N: usize> Group for Point<C, N> {
    fn zero() -> Self {
        Self(None, core::marker::PhantomData)
    }

    fn add(&mut self, other: &Self) {
        let Some(right) = &other.0 else { return };
        match &mut self.0 {
            None => *self = *other,
            Some(left) if left[..N / 2] != right[..N / 2] => C::add(left, right),
            Some(left) if left[N / 2..] == right[N / 2..] => self.double(),
            Some(_) => self.0 = None,
        }
    }

    fn double(&mut self) {
        if let Some(point) = &mut self.0 {
            if point[N / 2..].iter().all(|word| *word == 0) {
                self.0 = None;
            } else {
                C::double(point);
            }
        }
    }
}

/// Bits of a scalar taken at a time.
const WINDOW: usize = 4;
/// Multiples of a point that one window can ask for, zero aside.
const MULTIPLES: usize = (1 << WINDOW) - 1;

/// The sum of `scalar * element`: one chain of doublings for all, and a table of the small multiples for each.
pub fn linear_combination<G: Group>(terms: &[(Words, G)]) -> G {
    let tables: Vec<_> = terms
        .iter()
        .map(|(_, element)| multiples(element))
        .collect();
    let mut sum = G::zero();
    for position in (0..256).step_by(WINDOW).rev() {
        for _ in 0..WINDOW {
            sum.double();
        }
        for ((scalar, _), table) in terms.iter().zip(&tables) {
            let digit = (scalar[position / 64] >> (position % 64)) as usize & MULTIPLES;
            if digit != 0 {
                sum.add(&table[digit - 1]);
            }
        }
    }
    sum
}

/// Once, twice, ... fifteen times the element.
fn multiples<G: Group>(element: &G) -> [G; MULTIPLES] {
    let mut table = [*element; MULTIPLES];
    for i in 1..MULTIPLES {
        if i % 2 == 1 {
            table[i] = table[i / 2];
            table[i].double();
        } else {
            table[i] = table[i - 1];
            table[i].add(element);
        }
    }
    table
}
