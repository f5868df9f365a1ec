//! Paths: a key's nibbles between two positions.
#![expect(
    clippy::cast_possible_truncation,
    reason = "positions are at most 64 and nibbles below 16"
)]

/// Nibbles in a key: keys are 32-byte hashes.
pub(crate) const KEY_NIBBLES: usize = 64;

/// The nibble at `position` of a packed key.
pub(crate) const fn nibble(key: &[u8; 32], position: usize) -> usize {
    let byte = key[position / 2];
    (if position.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 15
    }) as usize
}

/// The first position in `start..end` at which two keys differ, or `end`.
pub(crate) fn diverge(a: &[u8; 32], b: &[u8; 32], start: usize, end: usize) -> usize {
    let mut at = start;
    while at < end {
        let i = at / 2;
        let differ = (a[i] ^ b[i]) & if at.is_multiple_of(2) { 0xff } else { 0x0f };
        if differ >= 0x10 {
            return at;
        }
        if differ > 0 {
            return (at | 1).min(end);
        }
        at = (at | 1) + 1;
    }
    end
}

/// A stretch of a key. Nibbles stand at their absolute position in the key, so that splitting and joining paths
/// moves a bound instead of shifting nibbles, and paths compare bytewise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// Packed nibbles; those outside `start..end` mean nothing.
    pub key: [u8; 32],
    /// Position of the first nibble.
    pub start: u8,
    /// Position after the last nibble; at most [`KEY_NIBBLES`].
    pub end: u8,
}

impl Path {
    /// The nibbles of `key` from `start` to `end`.
    pub fn of(key: &[u8; 32], start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= KEY_NIBBLES);
        Self {
            key: *key,
            start: start as u8,
            end: end as u8,
        }
    }

    /// Position of the first nibble.
    pub const fn start(&self) -> usize {
        self.start as usize
    }

    /// Position after the last nibble.
    pub const fn end(&self) -> usize {
        self.end as usize
    }

    /// Drops everything before `position`.
    pub fn skip_to(&mut self, position: usize) {
        self.start = position as u8;
    }

    /// Puts `nibble` in front. The path must not start at 0.
    pub fn prepend(&mut self, nibble: usize) {
        let nibble = nibble as u8;
        self.start -= 1;
        let byte = &mut self.key[self.start as usize / 2];
        *byte = if self.start.is_multiple_of(2) {
            nibble << 4 | *byte & 0x0f
        } else {
            *byte & 0xf0 | nibble
        };
    }

    /// Puts `front`, which ends where this one starts, in front.
    pub fn join(&mut self, front: &Self) {
        for position in (front.start()..front.end()).rev() {
            self.prepend(nibble(&front.key, position));
        }
    }

    /// The hex-prefix encoding (yellow paper, appendix C) and its length.
    pub fn encode(&self, leaf: bool) -> ([u8; 33], usize) {
        let (start, end) = (self.start(), self.end());
        let odd = (end - start) % 2;
        let mut out = [0; 33];
        out[0] = (u8::from(leaf) * 2 + odd as u8) << 4;
        if odd == 1 {
            out[0] |= nibble(&self.key, start) as u8;
        }
        let from = start + odd;
        let length = (end - from) / 2;
        if from.is_multiple_of(2) {
            out[1..=length].copy_from_slice(&self.key[from / 2..end / 2]);
        } else {
            for (i, byte) in out[1..=length].iter_mut().enumerate() {
                let at = from / 2 + i;
                *byte = self.key[at] << 4 | self.key[at + 1] >> 4;
            }
        }
        (out, length + 1)
    }
}

/// A hex-prefix encoded path, still in its node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodedPath<'a> {
    bytes: &'a [u8],
    /// Whether it belongs to a leaf.
    pub leaf: bool,
    /// In nibbles.
    pub length: usize,
}

impl<'a> EncodedPath<'a> {
    /// `None` where the encoding is not the only one for its path.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let flags = *bytes.first()?;
        let odd = flags & 0x10 != 0;
        if flags & 0xc0 != 0 || (!odd && flags & 0x0f != 0) || bytes.len() > 33 {
            return None;
        }
        let length = (bytes.len() - 1) * 2 + usize::from(odd);
        (length <= KEY_NIBBLES).then_some(Self {
            bytes,
            leaf: flags & 0x20 != 0,
            length,
        })
    }

    fn nibble(&self, index: usize) -> u8 {
        // The first nibble of an odd path shares the byte of the flags.
        let at = index + 2 - self.length % 2;
        let byte = self.bytes[at / 2];
        if at.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        }
    }

    /// Whether `key` continues with it at `position`. Its end must not lie beyond the key's.
    pub fn matches(&self, key: &[u8; 32], position: usize) -> bool {
        let odd = self.length % 2;
        if position % 2 == odd {
            (odd == 0 || nibble(key, position) == usize::from(self.bytes[0] & 15))
                && key[position.div_ceil(2)..][..self.length / 2] == self.bytes[1..]
        } else {
            (0..self.length).all(|i| nibble(key, position + i) == usize::from(self.nibble(i)))
        }
    }

    /// The same at an absolute position, the end of which must not lie beyond the key's.
    pub fn at(&self, position: usize) -> Path {
        let mut path = Path::of(&[0; 32], position + self.length, position + self.length);
        for index in (0..self.length).rev() {
            path.prepend(usize::from(self.nibble(index)));
        }
        path
    }
}
