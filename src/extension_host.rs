//! Registries of extensions: `zova_extension_host.h`.

/// A set of extensions.
pub struct zova_extension_registry {
    _private: [u8; 0],
}
