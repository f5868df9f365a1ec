//! Built nodes back to RLP and hashes.
#![expect(
    clippy::cast_possible_truncation,
    reason = "each length is matched against its range first"
)]

use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

use super::{path::Path, sparse::Node};

impl Node<'_> {
    /// Appends the node's RLP, and answers where it starts: a few unused bytes may stand before it.
    pub(crate) fn encode(&self, out: &mut Vec<u8>, built: &mut impl FnMut(B256, &[u8])) -> usize {
        let start = out.len();
        // Room for the longest list header that a node below 64 KiB needs; a longer leaf goes the slow way.
        out.extend_from_slice(&[0; 3]);
        match self {
            Self::Leaf(leaf) => {
                append_path(out, &leaf.0, true);
                append_string(out, &leaf.1);
            }
            Self::Extension(extension) => {
                append_path(out, &extension.0, false);
                extension.1.refer(out, built);
            }
            Self::Branch(children) => {
                for child in children.iter() {
                    child.refer(out, built);
                }
                out.push(0x80);
            }
            Self::Empty | Self::Stored(_) | Self::Hash(_) => {}
        }
        let payload = out.len() - start - 3;
        match payload {
            0..=55 => {
                out[start + 2] = 0xc0 + payload as u8;
                start + 2
            }
            56..=0xff => {
                out[start + 1..start + 3].copy_from_slice(&[0xf8, payload as u8]);
                start + 1
            }
            0x100..=0xffff => {
                out[start..start + 3].copy_from_slice(&[0xf9, (payload >> 8) as u8, payload as u8]);
                start
            }
            _ => {
                let mut header = Vec::new();
                alloy_rlp::Header {
                    list: true,
                    payload_length: payload,
                }
                .encode(&mut header);
                out.splice(start..start + 3, header);
                start
            }
        }
    }

    /// Appends the item by which a parent refers to the node.
    fn refer(&self, out: &mut Vec<u8>, built: &mut impl FnMut(B256, &[u8])) {
        match self {
            Self::Empty => out.push(0x80),
            Self::Stored(raw) => out.extend_from_slice(raw),
            Self::Hash(hash) => append_string(out, hash.as_slice()),
            _ => {
                let end = out.len();
                let start = self.encode(out, built);
                if out.len() - start < 32 {
                    out.drain(end..start);
                } else {
                    let hash = keccak256(&out[start..]);
                    built(hash, &out[start..]);
                    out.truncate(end);
                    append_string(out, hash.as_slice());
                }
            }
        }
    }
}

fn append_path(out: &mut Vec<u8>, path: &Path, leaf: bool) {
    let (bytes, length) = path.encode(leaf);
    append_string(out, &bytes[..length]);
}

fn append_string(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes {
        [byte] if *byte < 0x80 => {}
        _ if bytes.len() <= 55 => out.push(0x80 + bytes.len() as u8),
        _ => alloy_rlp::Header {
            list: false,
            payload_length: bytes.len(),
        }
        .encode(out),
    }
    out.extend_from_slice(bytes);
}
