#include "cells/lists.hpp"

#include <algorithm>
#include <iterator>

#include "hdf5/dataset.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

std::string place_of(const hdf5::Object& object) {
  return object.file->path + ": " + object.name.substr(1);  // without the first slash
}

hdf5::Object open_list(const hdf5::Object& parent, const std::string& name) {
  auto list = hdf5::open_dataset(parent, name);
  if (hdf5::is_elsewhere(list))
    throw DataError(place_of(list),
                    "its values are in other files. Copy them into one file, for instance with "
                    "h5repack.");
  const auto shape = hdf5::shape_of(list);
  if (shape.size() != 1) {
    throw DataError(place_of(list), "has " + std::to_string(shape.size()) +
                                        " axes; expected one, with an entry for each row.");
  }
  if (shape[0] > 0 && !hdf5::is_written(list, {0}, shape)) {
    throw DataError(
        place_of(list),
        "was never written, or not as a whole: the file says how long it is, and has no "
        "values.");
  }
  return list;
}

std::int64_t length_of(const hdf5::Object& list) { return hdf5::shape_of(list)[0]; }

std::vector<std::string> read_text_list(
    const hdf5::Object& list,
    const std::function<std::vector<std::string>(std::int64_t begin, std::int64_t end)>& read) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  constexpr std::int64_t kBlock = 64;
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  const auto length = length_of(list);
  for (std::int64_t begin = 0; begin < length; begin += kBlock) {
    auto some = read(begin, std::min(begin + kBlock, length));
    for (const auto& text : some) bytes += text.size() + sizeof(text);
    if (bytes > kMostBytes) throw DataError(place_of(list), "holds more than 1 GiB of text.");
    std::ranges::move(some, std::back_inserter(texts));
  }
  return texts;
}

std::vector<std::string> read_text_list(const hdf5::Object& list) {
  if (hdf5::class_of(list) != H5T_STRING) throw DataError(place_of(list), "does not hold text.");
  return read_text_list(list, [&](std::int64_t begin, std::int64_t end) {
    return hdf5::read_texts(list, {begin}, {end - begin});
  });
}

}  // namespace varia::datasets
