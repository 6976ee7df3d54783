#pragma once

#include "hdf5/hdf5.hpp"

/// Compressed chunks, moved as they are. Private to framework/results.
namespace varia::hdf5 {

/// Copies the one chunk of `from` that is the whole of it, still compressed, to the chunk of `to`
/// at `offset`. @returns false, having done nothing, where their types, chunks or filters differ.
bool copy_chunk(const Object& from, const Shape& from_offset, const Object& to,
                const Shape& to_offset);

}  // namespace varia::hdf5
