//! Extensions: what a file says about the ones installed in it.

mod registry;

pub(crate) use registry::check_registry;
