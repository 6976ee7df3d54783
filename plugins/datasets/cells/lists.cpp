#include "cells/lists.hpp"

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

}  // namespace varia::datasets
