//! Reading and writing the small pieces of the binary forms, with every length checked.

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end inside a value.
    #[error("ends after {at} bytes, inside {what}")]
    Truncated {
        /// Offset from the start of the message, in bytes.
        at: usize,
        /// The part being read.
        what: &'static str,
    },
    /// The message is of another kind, or of a version that this program does not know.
    #[error("is not a {expected} message (found {found})")]
    WrongKind {
        /// What was asked for.
        expected: &'static str,
        /// What the first bytes say.
        found: String,
    },
    /// A number contradicts the rest of the message or a limit.
    #[error("{what} is {value}, at byte {at}")]
    Invalid {
        /// Offset from the start of the message, in bytes.
        at: usize,
        /// The part being read, and what is wrong with it.
        what: &'static str,
        /// The number that was found.
        value: i128,
    },
    /// Bytes follow where the message should end.
    #[error("{extra} bytes follow the end of the message")]
    Trailing {
        /// How many.
        extra: usize,
    },
}

/// A cursor over untrusted bytes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn invalid(&self, what: &'static str, value: impl Into<i128>) -> DecodeError {
        DecodeError::Invalid {
            at: self.at,
            what,
            value: value.into(),
        }
    }

    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(len);
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(part) => {
                self.at += len;
                Ok(part)
            }
            None => Err(DecodeError::Truncated {
                at: self.bytes.len(),
                what,
            }),
        }
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, what)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(self.array::<1>(what)?[0])
    }

    pub(crate) fn i64(&mut self, what: &'static str) -> Result<i64, DecodeError> {
        Ok(i64::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn f64(&mut self, what: &'static str) -> Result<f64, DecodeError> {
        Ok(f64::from_le_bytes(self.array(what)?))
    }

    /// An unsigned LEB128 number of at most 64 bits.
    pub(crate) fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8(what)?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.invalid(what, i128::from(value)))
    }

    pub(crate) fn zigzag(&mut self, what: &'static str) -> Result<i64, DecodeError> {
        let coded = self.varint(what)?;
        Ok((coded >> 1) as i64 ^ -((coded & 1) as i64))
    }

    /// A number that must fit 32 bits.
    pub(crate) fn varint_u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        let value = self.varint(what)?;
        u32::try_from(value).map_err(|_| self.invalid(what, value))
    }

    /// A count of things that take at least one byte each, so that a lie cannot ask for memory.
    pub(crate) fn count(&mut self, limit: usize, what: &'static str) -> Result<usize, DecodeError> {
        let value = self.varint(what)?;
        let count = usize::try_from(value).map_err(|_| self.invalid(what, value))?;
        if count > limit || count > self.remaining() {
            return Err(self.invalid(what, value));
        }
        Ok(count)
    }

    pub(crate) const fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            extra => Err(DecodeError::Trailing { extra }),
        }
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(values in proptest::collection::vec(any::<i64>(), 0..40)) {
            let mut bytes = Vec::new();
            for value in &values {
                put_zigzag(&mut bytes, *value);
                put_varint(&mut bytes, *value as u64);
            }
            let mut reader = Reader::new(&bytes);
            for value in &values {
                prop_assert_eq!(reader.zigzag("zigzag"), Ok(*value));
                prop_assert_eq!(reader.varint("varint"), Ok(*value as u64));
            }
            prop_assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused() {
        let bytes = [0xff; 12];
        assert!(Reader::new(&bytes).varint("x").is_err());
        assert!(matches!(
            Reader::new(&[0x80]).varint("x"),
            Err(DecodeError::Truncated { at: 1, .. })
        ));
    }
}
