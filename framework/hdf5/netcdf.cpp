#include "hdf5/netcdf.hpp"

#include <hdf5_hl.h>

#include <cstdio>

#include "hdf5/dataset.hpp"

namespace varia::netcdf {

using hdf5::Object;

Object write_coordinate(const Object& group, const std::string& name,
                        const std::vector<std::int64_t>& values) {
  Object dataset =
      hdf5::write(group, name, {static_cast<std::int64_t>(values.size())}, values.data());
  if (H5DSset_scale(dataset.id, name.c_str()) < 0) {
    hdf5::fail(*group.file, dataset.name + " cannot be made a dimension");
  }
  return dataset;
}

Object write_dimension(const Object& group, const std::string& name, std::int64_t size) {
  Object dataset = hdf5::create_dataset<float>(group, name, {size}, {}, 0.0F);
  // The netCDF library knows a dimension without values by this very name.
  char text[80];
  std::snprintf(text, sizeof text, "This is a netCDF dimension but not a netCDF variable.%10lld",
                static_cast<long long>(size));
  if (H5DSset_scale(dataset.id, text) < 0) {
    hdf5::fail(*group.file, dataset.name + " cannot be made a dimension");
  }
  return dataset;
}

void attach(const Object& dataset, const std::vector<const Object*>& scales) {
  for (std::size_t i = 0; i < scales.size(); ++i) {
    if (H5DSattach_scale(dataset.id, scales[i]->id, static_cast<unsigned>(i)) < 0) {
      hdf5::fail(*dataset.file, "an axis of " + dataset.name + " cannot be named");
    }
  }
}

bool is_scale(const Object& dataset) { return H5DSis_scale(dataset.id) > 0; }

}  // namespace varia::netcdf
