#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Data sets of one axis in an AnnData file.
namespace varia::datasets {

/// "file: path", for messages.
std::string place_of(const hdf5::Object& object);

/// @throws DataError if there is no such data set, it has another number of axes, or not all of its
///         values are in this file
hdf5::Object open_list(const hdf5::Object& parent, const std::string& name);

std::int64_t length_of(const hdf5::Object& list);

/// The texts of a list, read a few at a time: many may be one long text of the file.
/// @param read gives those of [begin, end)
/// @throws DataError if it is not text, or more than 1 GiB of it
std::vector<std::string> read_text_list(
    const hdf5::Object& list,
    const std::function<std::vector<std::string>(std::int64_t begin, std::int64_t end)>& read);
std::vector<std::string> read_text_list(const hdf5::Object& list);

}  // namespace varia::datasets
