//! Which systems and processors a library was made for, told from its headers, so that a bundle of another platform gets
//! a reason that a person understands instead of the loader's. And whether it is all there: the loader of Linux maps a
//! library that was cut off, and the process dies when it touches what is missing.
//!
//! Only the few fields that decide are read. Whatever passes here the system's own loader still checks.

use std::io::{Read, Seek, SeekFrom};

/// Bytes at the start of a library that are looked at, if it has so many.
const HEADER_BYTES: u64 = 4096;

const ELF: &[u8] = b"\x7fELF";
/// Mach-O of 64 bits as a little-endian processor writes it, and the envelope of several processors.
const MACH_O: &[u8] = b"\xcf\xfa\xed\xfe";
const MACH_O_UNIVERSAL: &[u8] = b"\xca\xfe\xba\xbe";
const PE: &[u8] = b"MZ";

/// Type of an ELF file that can be loaded.
const ELF_SHARED: u64 = 3;

/// The processor of this process in the numbers of the three formats; `None` for one that is not listed here, whose
/// libraries the system's loader alone judges.
struct Processor {
    name: &'static str,
    elf: u64,
    mach_o: Option<u64>,
    pe: Option<u64>,
}

const PROCESSOR: Option<Processor> = if cfg!(target_arch = "x86_64") {
    Some(Processor { name: "x86-64", elf: 62, mach_o: Some(0x0100_0007), pe: Some(0x8664) })
} else if cfg!(target_arch = "aarch64") {
    Some(Processor { name: "AArch64", elf: 183, mach_o: Some(0x0100_000c), pe: Some(0xaa64) })
} else if cfg!(target_arch = "x86") {
    Some(Processor { name: "x86", elf: 3, mach_o: None, pe: Some(0x014c) })
} else if cfg!(target_arch = "arm") {
    Some(Processor { name: "Arm", elf: 40, mach_o: None, pe: None })
} else if cfg!(target_arch = "riscv64") {
    Some(Processor { name: "RISC-V", elf: 243, mach_o: None, pe: None })
} else {
    None
};

/// The executable formats of the systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Elf,
    MachO,
    Pe,
}

const FORMAT: Format = if cfg!(windows) {
    Format::Pe
} else if cfg!(target_vendor = "apple") {
    Format::MachO
} else {
    Format::Elf
};

/// Refuses a library that this process cannot load. The text of an error is the reason.
pub(crate) fn require_ours(library: &mut (impl Read + Seek)) -> Result<(), String> {
    let header = read_at(library, 0, HEADER_BYTES)?;
    require_platform(&header)?;
    if FORMAT == Format::Elf { require_whole(library, &header) } else { Ok(()) }
}

/// Judges by the first bytes.
fn require_platform(header: &[u8]) -> Result<(), String> {
    let format = if header.starts_with(ELF) {
        Format::Elf
    } else if header.starts_with(MACH_O) || header.starts_with(MACH_O_UNIVERSAL) {
        Format::MachO
    } else if header.starts_with(PE) {
        Format::Pe
    } else {
        return Err("it is not a shared library of any known system".to_owned());
    };
    if format != FORMAT {
        return Err(format!(
            "it is made for {}, and this process runs on {}",
            system(format),
            system(FORMAT)
        ));
    }
    match format {
        Format::Elf => require_elf(header),
        // The envelope says later in the file which processors are in it.
        Format::MachO if header.starts_with(MACH_O_UNIVERSAL) => Ok(()),
        Format::MachO => require_processor(number_at(header, 4, 4), PROCESSOR.and_then(|ours| ours.mach_o)),
        Format::Pe => {
            let start = number_at(header, 0x3c, 4).and_then(|start| usize::try_from(start).ok());
            let machine = start.and_then(|start| number_at(header, start.checked_add(4)?, 2));
            require_processor(machine, PROCESSOR.and_then(|ours| ours.pe))
        }
    }
}

fn require_elf(header: &[u8]) -> Result<(), String> {
    let bits = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    let order = if cfg!(target_endian = "big") { 2 } else { 1 };
    match header.get(4..6) {
        None => return Err(CUT_OFF.to_owned()),
        Some(found) if found != [bits, order] => {
            return Err("it is made for a processor with another word size or byte order".to_owned());
        }
        Some(_) => {}
    }
    require_processor(number_at(header, 18, 2), PROCESSOR.map(|ours| ours.elf))?;
    match number_at(header, 16, 2) {
        Some(ELF_SHARED) => Ok(()),
        _ => Err("it is not a shared library (an object file or a fixed program, for example)".to_owned()),
    }
}

/// Every part of an ELF library that is to be mapped lies within the file.
fn require_whole(library: &mut (impl Read + Seek), header: &[u8]) -> Result<(), String> {
    // Where the fields are: in the header that of the table's place, entry size and number of entries; in an entry those
    // of offset and size.
    const WIDE: bool = cfg!(target_pointer_width = "64");
    const WORD: usize = if WIDE { 8 } else { 4 };
    const TABLE: (usize, usize, usize) = if WIDE { (0x20, 0x36, 0x38) } else { (0x1c, 0x2a, 0x2c) };
    const PART: (usize, usize) = if WIDE { (8, 32) } else { (4, 16) };
    const LOADED: u64 = 1;

    let cut_off = || CUT_OFF.to_owned();
    let length = library.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    let field = |at, bytes| number_at(header, at, bytes).ok_or_else(cut_off);
    let (place, size, count) = (field(TABLE.0, WORD)?, field(TABLE.1, 2)?, field(TABLE.2, 2)?);
    let table = read_at(library, place, size * count)?;
    let size = usize::try_from(size).unwrap_or_default();
    if table.len() < size * usize::try_from(count).unwrap_or_default() || size < PART.1 + WORD {
        return Err(cut_off());
    }
    for part in table.chunks_exact(size) {
        let field = |at, bytes| number_at(part, at, bytes).ok_or_else(cut_off);
        let end = field(PART.0, WORD)?.checked_add(field(PART.1, WORD)?);
        if field(0, 4)? == LOADED && end.is_none_or(|end| end > length) {
            return Err(cut_off());
        }
    }
    Ok(())
}

const CUT_OFF: &str = "it is cut off";

fn read_at(library: &mut (impl Read + Seek), at: u64, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = library.seek(SeekFrom::Start(at)).and_then(|_| library.take(most).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// `found` is the number in the library, `ours` that of this process in the same format, if it has one.
fn require_processor(found: Option<u64>, ours: Option<u64>) -> Result<(), String> {
    let Some(found) = found else { return Err(CUT_OFF.to_owned()) };
    match (ours, PROCESSOR) {
        (Some(ours), Some(processor)) if ours != found => Err(format!(
            "it is made for another processor (machine {found}), and this process runs on {}",
            processor.name
        )),
        _ => Ok(()),
    }
}

fn system(format: Format) -> &'static str {
    match format {
        Format::Elf => "Linux or another ELF system",
        Format::MachO => "macOS",
        Format::Pe => "Windows",
    }
}

/// A number of up to 8 bytes, in the byte order of this processor, which is checked before the others are read.
fn number_at(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    let number = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    Some(if cfg!(target_endian = "big") {
        field.iter().fold(0, number)
    } else {
        field.iter().rev().fold(0, number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of an ELF file: 64 bits, little-endian.
    fn elf(kind: u16, machine: u16) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(16, 0);
        bytes.extend(kind.to_le_bytes());
        bytes.extend(machine.to_le_bytes());
        bytes
    }

    fn reason(header: &[u8]) -> String {
        require_platform(header).unwrap_err()
    }

    #[test]
    fn text_and_emptiness_are_no_libraries() {
        for bytes in [&b""[..], b"#!/bin/sh\n", b"\x7fEL", b"!<arch>\n"] {
            assert!(reason(bytes).contains("not a shared library"), "{bytes:?}");
        }
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn libraries_of_other_platforms_are_told_apart() {
        assert_eq!(require_platform(&elf(3, 62)), Ok(()));
        assert!(
            reason(&elf(3, 183)).contains("another processor (machine 183), and this process runs on x86-64")
        );
        assert!(reason(&elf(1, 62)).contains("an object file"));
        for (at, byte) in [(4, 1), (5, 2)] {
            let mut other = elf(3, 62);
            other[at] = byte;
            assert!(reason(&other).contains("another word size or byte order"), "{at}");
        }
        assert!(reason(MACH_O).contains("made for macOS"));
        assert!(reason(MACH_O_UNIVERSAL).contains("made for macOS"));
        assert!(reason(b"MZ\x90").contains("made for Windows"));
        for length in 4..20 {
            assert!(reason(&elf(3, 62)[..length]).contains("cut off"), "{length}");
        }
    }

    /// A library that lies outside of its own file in one way or another must not reach the loader.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn a_library_of_which_a_part_is_missing_is_cut_off() {
        let mut whole = elf(3, 62);
        whole.resize(64 + 56, 0);
        whole[0x20] = 64;
        whole[0x36] = 56;
        whole[0x38] = 1;
        whole[64] = 1;
        whole[64 + 32] = 120;
        let outcome = |bytes: &[u8]| require_ours(&mut std::io::Cursor::new(bytes));
        assert_eq!(outcome(&whole), Ok(()));
        for length in 4..whole.len() {
            assert_eq!(outcome(&whole[..length]), Err(CUT_OFF.to_owned()), "{length}");
        }
        for (at, byte) in
            [(64 + 32, 121), (64 + 8, 1), (64 + 8 + 7, 0xff), (0x20 + 6, 1), (0x36, 39), (0x38, 2)]
        {
            let mut changed = whole.clone();
            changed[at] = byte;
            assert_eq!(outcome(&changed), Err(CUT_OFF.to_owned()), "{at}");
        }
    }
}
