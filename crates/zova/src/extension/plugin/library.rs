//! Loading a library from the bytes that were verified.
//!
//! Between hashing a file and loading it by its path another program could put other bytes there. So the bytes that are
//! hashed go into a private copy on their way, and the copy is what is loaded. There are two kinds of copies, tried in
//! this order:
//!
//! 1. **Anonymous memory** (Linux): a file without any name, sealed against every change before it is loaded through
//!    `/proc/self/fd`. Nobody else can reach it.
//! 2. **A private directory** (other systems; Linux without `/proc`, or where memory must not be executable): a new
//!    directory that only the user can enter, with an unguessable name, which is removed once the library is loaded.
//!    Only a process of the same user could change it, and such a process could change this one as well.
//!
//! A library is never unloaded: its code may be in use on any thread. The descriptor of anonymous memory stays open as
//! long, because the loader knows libraries by their paths: under a descriptor's number used again it would take the
//! next library for this one.
//!
//! Libraries that a plugin is linked with are found by the system's loader in the usual places. They are not part of
//! the bundle, and nothing in the bundle's directory is found.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::abi::zova_ext_entry_v1;

/// The bytes of a library on their way from the bundle into the process.
pub(crate) struct PrivateCopy(Place);

enum Place {
    #[cfg(target_os = "linux")]
    Memory(File),
    Directory(Directory),
}

struct Directory {
    /// Removed when dropped.
    folder: tempfile::TempDir,
    file: File,
}

impl PrivateCopy {
    /// An empty copy.
    pub(crate) fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = memory() {
            return Ok(Self(Place::Memory(file)));
        }
        Directory::new().map(Place::Directory).map(Self)
    }

    /// What is to be loaded, to be written and read.
    pub(crate) fn file(&mut self) -> &mut File {
        match &mut self.0 {
            #[cfg(target_os = "linux")]
            Place::Memory(file) => file,
            Place::Directory(directory) => &mut directory.file,
        }
    }

    /// Loads what was written and finds the entry function in it. The text of an error is the reason.
    pub(crate) fn load(self, entry: &str) -> Result<zova_ext_entry_v1, String> {
        match self.0 {
            #[cfg(target_os = "linux")]
            Place::Memory(mut file) => {
                seal(&file);
                match open(&path_of(&file)) {
                    Ok(library) => {
                        std::mem::forget(file);
                        entry_of(library, entry)
                    }
                    Err(refused) => {
                        let copied =
                            Directory::copy_of(&mut file).map_err(|error| format!("{refused}; {error}"))?;
                        copied.load(entry)
                    }
                }
            }
            Place::Directory(directory) => directory.load(entry),
        }
    }
}

impl Directory {
    fn new() -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("zova-extension-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir()?;
        let file = File::options().read(true).write(true).create_new(true).open(library_in(folder.path()))?;
        Ok(Self { folder, file })
    }

    #[cfg(target_os = "linux")]
    fn copy_of(source: &mut File) -> io::Result<Self> {
        let mut directory = Self::new()?;
        io::Seek::rewind(source)?;
        io::copy(source, &mut directory.file)?;
        Ok(directory)
    }

    fn load(self, entry: &str) -> Result<zova_ext_entry_v1, String> {
        let Self { folder, file } = self;
        // Windows does not load a file that is open for writing.
        drop(file);
        entry_of(open(&library_in(folder.path()))?, entry)
    }
}

fn library_in(folder: &Path) -> PathBuf {
    folder.join(if cfg!(windows) { "library.dll" } else { "library" })
}

/// A file without a name, or `None` where the system makes none that can be executed.
#[cfg(target_os = "linux")]
fn memory() -> Option<File> {
    use std::os::fd::FromRawFd;
    // Newer systems want to be told that the content is to be executed; older ones do not know the flag.
    const EXECUTABLE: libc::c_uint = 0x10;
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    [flags | EXECUTABLE, flags].into_iter().find_map(|flags| {
        // SAFETY: the name is NUL-terminated; the call has no other requirement.
        let descriptor = unsafe { libc::memfd_create(c"zova-extension".as_ptr(), flags) };
        // SAFETY: a descriptor that was just made and that nobody else knows.
        (descriptor >= 0).then(|| unsafe { File::from_raw_fd(descriptor) })
    })
}

/// Forbids every further change of the content. That nobody else has the file is what protects it; this is a second
/// lock on the same door, so a refusal changes nothing.
#[cfg(target_os = "linux")]
fn seal(file: &File) {
    use std::os::fd::AsRawFd;
    let seals = libc::F_SEAL_SEAL | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE;
    // SAFETY: the descriptor is open; the command takes an integer.
    let _ = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) };
}

#[cfg(target_os = "linux")]
fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// A library with the symbols of every reference found at once, and its own symbols kept to itself.
fn open(path: &Path) -> Result<libloading::Library, String> {
    // Whoever named the bundle and trusted it takes responsibility for its initialisers; nothing is loaded before the
    // trust in exactly these bytes has been verified.
    #[cfg(unix)]
    let library = {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        // SAFETY: as above.
        unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
    };
    #[cfg(not(unix))]
    // SAFETY: as above.
    let library = unsafe { libloading::Library::new(path) };
    library.map_err(|error| {
        // The loader's own words, without the name of the copy.
        let text = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        text.replace(&format!("{}: ", path.display()), "").replace(&*path.to_string_lossy(), "the library")
    })
}

/// The entry function. The library stays loaded, also when there is none.
fn entry_of(library: libloading::Library, name: &str) -> Result<zova_ext_entry_v1, String> {
    let symbol = CString::new(name).map_err(|error| error.to_string())?;
    // SAFETY: a function of this name has this type in every library that says it implements the plugin interface.
    let entry = unsafe { library.get::<zova_ext_entry_v1>(symbol.as_bytes_with_nul()) };
    let entry = entry.map(|entry| *entry).ok().flatten();
    std::mem::forget(library);
    entry.map(Some).ok_or_else(|| format!("it does not export the entry function {name}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::process::Command;

    use super::*;

    /// The library of the example in C.
    fn example() -> Vec<u8> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libtags.so");
        let mut command = Command::new("cc");
        command
            .args(["-std=c99", "-fPIC", "-shared", "-I"])
            .arg(root.join("include"))
            .arg("-o")
            .arg(&library);
        assert!(command.arg(root.join("examples-c/tags/tags.c")).status().unwrap().success());
        std::fs::read(library).unwrap()
    }

    #[test]
    fn a_library_is_loaded_from_a_private_directory_which_is_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt;
        let mut directory = Directory::new().unwrap();
        let folder = directory.folder.path().to_owned();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        directory.file.write_all(&example()).unwrap();
        PrivateCopy(Place::Directory(directory)).load("zova_extension_entry_v1").unwrap().unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn a_library_that_cannot_be_loaded_leaves_nothing_and_its_reason_names_no_copy() {
        let mut directory = Directory::new().unwrap();
        let folder = directory.folder.path().to_owned();
        directory.file.write_all(b"no library").unwrap();
        let reason = PrivateCopy(Place::Directory(directory)).load("x").unwrap_err();
        assert!(!reason.contains("zova-extension-"), "{reason}");
        assert!(!folder.exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn anonymous_memory_cannot_be_changed_once_it_is_loaded() {
        let mut file = memory().unwrap();
        file.write_all(&example()).unwrap();
        seal(&file);
        assert!(file.write_all(b"x").is_err());
        assert!(file.set_len(0).is_err());
        PrivateCopy(Place::Memory(file)).load("zova_extension_entry_v1").unwrap().unwrap();
    }
}
