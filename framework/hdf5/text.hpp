#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Text as attributes and data sets share it. Private to framework/hdf5.
namespace varia::hdf5 {

/// The type of text of variable length.
Handle text_type(H5T_cset_t characters = H5T_CSET_UTF8);

/// How a data set of `count` texts is read or written. By default HDF5 clears two MiB for each.
Handle text_transfer(std::int64_t count);

/// Pointers into `texts`, as HDF5 writes them.
std::vector<const char*> pointers(const std::vector<std::string>& texts);

/// Reads all elements of an attribute or a data set as the memory type, and in the way, that it is
/// given.
using ReadText = std::function<herr_t(hid_t memory_type, hid_t transfer, void* values)>;

/// Reads `count` texts of type `type`, whose length may be variable or fixed.
/// @throws the error of the file: no text, too long, cannot be read, or more than 1 GiB of it,
/// since
///         many texts may be one long one of a small file
std::vector<std::string> read_text(const Object& object, hid_t type, std::size_t count,
                                   const ReadText& read);

}  // namespace varia::hdf5
