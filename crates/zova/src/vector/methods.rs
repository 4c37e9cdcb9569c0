//! The vector methods of all database handles.

/// Methods on vectors. Each use names the receiver, as in `handle.rs`.
macro_rules! vector_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// Creates an empty vector collection.
        ///
        /// # Errors
        ///
        /// `VectorInvalid` for the name or the dimensions, `VectorCollectionExists`.
        pub fn create_vector_collection($($receiver)+, name: &str, options: $crate::VectorCollectionOptions) -> Result<()> {
            let name = $crate::vector::checked::checked_name("vector collection name", name)?;
            $self.handle().call(|session| session.create_vector_collection(name, options))
        }

        /// True if a vector collection has this name.
        pub fn has_vector_collection($($receiver)+, name: &str) -> Result<bool> {
            let name = $crate::vector::checked::checked_name("vector collection name", name)?;
            $self.handle().call(|session| session.has_vector_collection(name))
        }

        /// Describes a vector collection.
        ///
        /// Cost: its vectors are counted.
        pub fn vector_collection_info($($receiver)+, name: &str) -> Result<$crate::VectorCollectionInfo> {
            let name = $crate::vector::checked::checked_name("vector collection name", name)?;
            $self.handle().call(|session| session.vector_collection_info(name))
        }

        /// Describes all vector collections, in the order of their names' bytes.
        ///
        /// Cost: all vectors are counted.
        pub fn list_vector_collections($($receiver)+) -> Result<Vec<$crate::VectorCollectionInfo>> {
            $self.handle().call(|session| session.list_vector_collections())
        }

        /// Deletes a vector collection and all its vectors.
        ///
        /// Cost: proportional to the number of its vectors.
        pub fn delete_vector_collection($($receiver)+, name: &str) -> Result<()> {
            let name = $crate::vector::checked::checked_name("vector collection name", name)?;
            $self.handle().call(|session| session.delete_vector_collection(name))
        }

        /// Stores a vector or replaces its values.
        ///
        /// # Errors
        ///
        /// `VectorCollectionNotFound`; `VectorInvalid` for the id or the values (each finite; not all zero for the
        /// metric cosine); `VectorDimensionMismatch`.
        pub fn put_vector($($receiver)+, collection_name: &str, vector_id: &str, values: &[f32]) -> Result<()> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let id = $crate::vector::checked::checked_name("vector id", vector_id)?;
            $self.handle().call(|session| session.put_vector(collection, id, values))
        }

        /// Stores or replaces many vectors: all of them, or none if one breaks a rule. Of equal ids the last one stays.
        pub fn put_vectors($($receiver)+, collection_name: &str, vectors: &[$crate::VectorInput<'_>]) -> Result<()> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let entry = |input: &$crate::VectorInput<'_>| -> Result<()> {
                $crate::vector::checked::checked_name("vector id", input.id).map(drop)
            };
            vectors.iter().try_for_each(entry)?;
            let entries: Vec<_> =
                vectors.iter().map(|input| $crate::vector::VectorEntry { id: input.id.as_bytes(), values: input.values }).collect();
            $self.handle().call(|session| session.put_vectors(collection, &entries))
        }

        /// Reads a vector, bit for bit as it was put.
        pub fn get_vector($($receiver)+, collection_name: &str, vector_id: &str) -> Result<$crate::Vector> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let id = $crate::vector::checked::checked_name("vector id", vector_id)?;
            $self.handle().call(|session| session.get_vector(collection, id))
        }

        /// Reads vectors of one moment, in the order of the ids. One that is missing or damaged fails the call.
        pub fn get_vectors($($receiver)+, collection_name: &str, vector_ids: &[&str]) -> Result<Vec<$crate::Vector>> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let ids = $crate::vector::checked::checked_names("vector id", vector_ids)?;
            $self.handle().call(|session| session.get_vectors(collection, &ids))
        }

        /// True if the collection has a vector of this id.
        pub fn has_vector($($receiver)+, collection_name: &str, vector_id: &str) -> Result<bool> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let id = $crate::vector::checked::checked_name("vector id", vector_id)?;
            $self.handle().call(|session| session.has_vector(collection, id))
        }

        /// The ids of a collection in the order of their bytes: up to `limit` of them, from the first one after
        /// `after` on.
        ///
        /// Cost: proportional to the number of ids returned.
        pub fn list_vector_ids(
            $($receiver)+, collection_name: &str, after: Option<&str>, limit: usize,
        ) -> Result<Vec<String>> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let after = after.map(|id| $crate::vector::checked::checked_name("vector id", id)).transpose()?;
            $self.handle().call(|session| session.list_vector_ids(collection, after, limit))
        }

        /// Deletes a vector.
        pub fn delete_vector($($receiver)+, collection_name: &str, vector_id: &str) -> Result<()> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let id = $crate::vector::checked::checked_name("vector id", vector_id)?;
            $self.handle().call(|session| session.delete_vector(collection, id))
        }

        /// Deletes many vectors: all of them, or none if one is missing.
        pub fn delete_vectors($($receiver)+, collection_name: &str, vector_ids: &[&str]) -> Result<()> {
            let collection = $crate::vector::checked::checked_name("vector collection name", collection_name)?;
            let ids = $crate::vector::checked::checked_names("vector id", vector_ids)?;
            $self.handle().call(|session| session.delete_vectors(collection, &ids))
        }

        /// The nearest vectors of a collection, at most `limit`: by distance, equal distances in the order of the
        /// ids' bytes. Every distance is the exact one, to the last bit.
        ///
        /// Cost: one pass over the collection; a pass over memory once the collection has been searched before.
        ///
        /// # Errors
        ///
        /// `VectorCollectionNotFound`; `VectorDimensionMismatch` and `VectorInvalid` for the query; `VectorCorrupt`;
        /// `Interrupted`.
        pub fn search_vectors(
            $($receiver)+, collection_name: &str, query: &[f32], limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let search = $crate::vector::checked::values_search(collection_name, query, None, limit)?;
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors`](Self::search_vectors), among the candidates only. Ids without a vector are left out.
        ///
        /// Cost: two look-ups per candidate.
        pub fn search_vectors_in(
            $($receiver)+, collection_name: &str, query: &[f32], candidate_ids: &[&str], limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let candidates = $crate::vector::checked::checked_names("vector id", candidate_ids)?;
            let search = $crate::vector::checked::values_search(collection_name, query, None, limit)?;
            let search = $crate::vector::VectorSearch { candidates: Some(&candidates), ..search };
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors`](Self::search_vectors), without vectors farther than `max_distance`.
        pub fn search_vectors_within(
            $($receiver)+, collection_name: &str, query: &[f32], max_distance: f64, limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let search = $crate::vector::checked::values_search(collection_name, query, Some(max_distance), limit)?;
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors_in`](Self::search_vectors_in), without vectors farther than `max_distance`.
        pub fn search_vectors_in_within(
            $($receiver)+, collection_name: &str, query: &[f32], candidate_ids: &[&str], max_distance: f64,
            limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let candidates = $crate::vector::checked::checked_names("vector id", candidate_ids)?;
            let search = $crate::vector::checked::values_search(collection_name, query, Some(max_distance), limit)?;
            let search = $crate::vector::VectorSearch { candidates: Some(&candidates), ..search };
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors`](Self::search_vectors), with a stored vector as the query, which is left out of the
        /// results.
        ///
        /// # Errors
        ///
        /// In addition `VectorNotFound` and `VectorCorrupt` for the source.
        pub fn search_vectors_by_id(
            $($receiver)+, collection_name: &str, source_vector_id: &str, limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let search = $crate::vector::checked::stored_search(collection_name, source_vector_id, None, limit)?;
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors_by_id`](Self::search_vectors_by_id), among the candidates only.
        pub fn search_vectors_by_id_in(
            $($receiver)+, collection_name: &str, source_vector_id: &str, candidate_ids: &[&str], limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let candidates = $crate::vector::checked::checked_names("vector id", candidate_ids)?;
            let search = $crate::vector::checked::stored_search(collection_name, source_vector_id, None, limit)?;
            let search = $crate::vector::VectorSearch { candidates: Some(&candidates), ..search };
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors_by_id`](Self::search_vectors_by_id), without vectors farther than `max_distance`.
        pub fn search_vectors_by_id_within(
            $($receiver)+, collection_name: &str, source_vector_id: &str, max_distance: f64, limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let search = $crate::vector::checked::stored_search(collection_name, source_vector_id, Some(max_distance), limit)?;
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// As [`search_vectors_by_id_in`](Self::search_vectors_by_id_in), without vectors farther than
        /// `max_distance`.
        pub fn search_vectors_by_id_in_within(
            $($receiver)+, collection_name: &str, source_vector_id: &str, candidate_ids: &[&str],
            max_distance: f64, limit: usize,
        ) -> Result<Vec<$crate::VectorSearchResult>> {
            let candidates = $crate::vector::checked::checked_names("vector id", candidate_ids)?;
            let search = $crate::vector::checked::stored_search(collection_name, source_vector_id, Some(max_distance), limit)?;
            let search = $crate::vector::VectorSearch { candidates: Some(&candidates), ..search };
            $self.handle().call(|session| session.search_vectors(&search))
        }

        /// Sets how many bytes of memory the copies of vector collections may take, which make repeated searches
        /// fast; 0 for none. Without this call it is 256 MiB. What does not fit any more is dropped at once.
        pub fn set_vector_cache_limit($($receiver)+, bytes: u64) -> Result<()> {
            $self.handle().call(|session| {
                session.set_vector_cache_limit(bytes);
                Ok::<_, Fault>(())
            })
        }

        /// What the last vector search of this handle did, other than through SQL; `None` before the first one.
        pub fn vector_search_stats($($receiver)+) -> Result<Option<$crate::VectorSearchStats>> {
            $self.handle().call(|session| Ok::<_, Fault>(session.vector_search_stats()))
        }
    };
}
pub(crate) use vector_methods;
