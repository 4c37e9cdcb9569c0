//! Which systems and processors a library was made for, told from its first bytes, so that a bundle of another
//! platform gets a reason that a person understands instead of the loader's.
//!
//! Only the few fields that decide are read. Whatever passes here the system's own loader still checks.

/// Bytes of a library that are looked at, if it has so many.
pub(crate) const HEADER_BYTES: usize = 4096;

const ELF: &[u8] = b"\x7fELF";
/// Mach-O of 64 bits as a little-endian processor writes it, and the envelope of several processors.
const MACH_O: &[u8] = b"\xcf\xfa\xed\xfe";
const MACH_O_UNIVERSAL: &[u8] = b"\xca\xfe\xba\xbe";
const PE: &[u8] = b"MZ";

/// Type of an ELF file that can be loaded.
const ELF_SHARED: u16 = 3;

/// The processor of this process in the numbers of the three formats; `None` for one that is not listed here, whose
/// libraries the system's loader alone judges.
struct Processor {
    name: &'static str,
    elf: u16,
    mach_o: Option<u32>,
    pe: Option<u16>,
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

/// Refuses a library that this process cannot load, judged by its first bytes. The text of an error is the reason.
pub(crate) fn require_ours(header: &[u8]) -> Result<(), String> {
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
        return Err(format!("it is made for {}, and this process runs on {}", system(format), system(FORMAT)));
    }
    match format {
        Format::Elf => require_elf(header),
        // The envelope says later in the file which processors are in it.
        Format::MachO if header.starts_with(MACH_O_UNIVERSAL) => Ok(()),
        Format::MachO => require_processor(u32_at(header, 4), PROCESSOR.and_then(|ours| ours.mach_o)),
        Format::Pe => {
            let start = u32_at(header, 0x3c).map_or(usize::MAX, |start| start as usize);
            let machine = start.checked_add(4).and_then(|at| u16_at(header, at, u16::from_le_bytes));
            require_processor(machine, PROCESSOR.and_then(|ours| ours.pe))
        }
    }
}

fn require_elf(header: &[u8]) -> Result<(), String> {
    let (class, order) = (header.get(4).copied(), header.get(5).copied());
    let bits = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    let ours = if cfg!(target_endian = "big") { 2 } else { 1 };
    let read = if order == Some(2) { u16::from_be_bytes } else { u16::from_le_bytes };
    let machine = u16_at(header, 18, read);
    require_processor(machine, PROCESSOR.map(|ours| ours.elf))?;
    if class != Some(bits) || order != Some(ours) {
        return Err("it is made for another word size or byte order of this processor".to_owned());
    }
    match u16_at(header, 16, read) {
        Some(ELF_SHARED) => Ok(()),
        _ => Err("it is not a shared library (an object file or a fixed program, for example)".to_owned()),
    }
}

/// `found` is the number in the library, `ours` that of this process in the same format, if it has one.
fn require_processor<N: PartialEq + Into<u32> + Copy>(found: Option<N>, ours: Option<N>) -> Result<(), String> {
    let Some(found) = found else {
        return Err("it ends within its first header".to_owned());
    };
    match (ours, PROCESSOR) {
        (Some(ours), Some(processor)) if ours != found => Err(format!(
            "it is made for another processor (machine {}), and this process runs on {}",
            found.into(),
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

fn u16_at(bytes: &[u8], at: usize, read: fn([u8; 2]) -> u16) -> Option<u16> {
    let field = bytes.get(at..at.checked_add(2)?)?;
    field.try_into().ok().map(read)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    field.try_into().ok().map(u32::from_le_bytes)
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
        require_ours(header).unwrap_err()
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
        assert_eq!(require_ours(&elf(ELF_SHARED, 62)), Ok(()));
        assert!(reason(&elf(ELF_SHARED, 183)).contains("another processor (machine 183)"));
        assert!(reason(&elf(1, 62)).contains("an object file"));
        let (mut narrow, mut big) = (elf(ELF_SHARED, 62), elf(ELF_SHARED, 62));
        narrow[4] = 1;
        assert!(reason(&narrow).contains("another word size"));
        big[5] = 2;
        big[16..].reverse();
        assert!(reason(&big).contains("another processor") || reason(&big).contains("word size"));
        assert!(reason(MACH_O).contains("made for macOS"));
        assert!(reason(MACH_O_UNIVERSAL).contains("made for macOS"));
        assert!(reason(b"MZ\x90").contains("made for Windows"));
        for length in 4..20 {
            assert!(reason(&elf(ELF_SHARED, 62)[..length]).contains("ends within"), "{length}");
        }
    }
}
