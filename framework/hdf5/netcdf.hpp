#pragma once

#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Dimension scales as netCDF-4 and xarray understand them.
namespace varia::netcdf {

/// A dimension with values, one per entry.
hdf5::Object write_coordinate(const hdf5::Object& group, const std::string& name,
                              const std::vector<std::int64_t>& values);

/// A dimension that has a name and a size only.
hdf5::Object write_dimension(const hdf5::Object& group, const std::string& name, std::int64_t size);

/// Names the axes of a data set: axis i is `scales[i]`.
void attach(const hdf5::Object& dataset, const std::vector<const hdf5::Object*>& scales);

bool is_scale(const hdf5::Object& dataset);

}  // namespace varia::netcdf
