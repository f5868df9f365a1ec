//! The reports that results carried up to 0.16.

use std::time::Duration;

use super::wire::WireError;

/// A report of up to 0.16, in bincode's legacy form: little endian, numbers of fixed size, lengths as u64.
pub struct Report<'a>(pub(super) &'a [u8]);

impl Report<'_> {
    /// Of an execution, without regions.
    pub fn of_execution(total_num_cycles: u64, took: Duration) -> Vec<u8> {
        let (cycles, no_regions) = (total_num_cycles.to_le_bytes(), 0u64.to_le_bytes());
        [&cycles[..], &no_regions, &Self::time(took)].concat()
    }

    /// Of a proof.
    pub fn of_proof(took: Duration, total_num_cycles: Option<u64>) -> Vec<u8> {
        let mut report = Self::time(took);
        match total_num_cycles {
            None => report.push(0),
            Some(cycles) => report.extend([&[1][..], &cycles.to_le_bytes()].concat()),
        }
        report
    }

    fn time(took: Duration) -> Vec<u8> {
        [
            &took.as_secs().to_le_bytes()[..],
            &took.subsec_nanos().to_le_bytes(),
        ]
        .concat()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// Cycles, if there are any.
    pub(super) fn cycles(&mut self) -> Result<Option<u64>, WireError> {
        // Old servers end here.
        if self.0.is_empty() {
            return Ok(None);
        }
        match self.take::<1>() {
            Some([0]) => Ok(None),
            Some([1]) => self.u64().map(Some).ok_or(WireError::Report),
            _ => Err(WireError::Report),
        }
    }

    pub(super) fn string(&mut self) -> Option<String> {
        let length = usize::try_from(self.u64()?).ok()?;
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        String::from_utf8(head.to_vec()).ok()
    }

    pub(super) fn duration(&mut self) -> Option<Duration> {
        let seconds = self.u64()?;
        let nanos = self.take().map(u32::from_le_bytes)?;
        (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
    }
}
