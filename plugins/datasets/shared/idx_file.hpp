#pragma once

#include <filesystem>

#include "varia/tensor.hpp"

/// The IDX format of LeCun's MNIST pages: two zero bytes, a type, the number of axes, the length of
/// each axis as a 32-bit big-endian number, then the values. Here: unsigned bytes alone. A file may
/// be packed by gzip; its first bytes tell.
namespace varia::datasets {

/// Images; an unpacked file is mapped, a packed one is read into memory.
/// @returns [N, C, H, W] uint8, from a file of 3 axes (C is 1) or 4
/// @throws DataError where the file is missing, no such IDX file, cut short, too long, or larger
///         unpacked than this machine's memory allows.
Tensor read_idx_images(const std::filesystem::path& path);

/// @returns [N] int64, from a file of one axis
/// @throws DataError as above
Tensor read_idx_labels(const std::filesystem::path& path);

}  // namespace varia::datasets
