#include "hdf5/dataset_info.hpp"

#include <algorithm>
#include <utility>

#include "hdf5/hdf5_dataset.hpp"

namespace varia::hdf5 {

DatasetInfo info_of(const Object& dataset) {
  DatasetInfo info;
  info.shape = shape_of(dataset);
  const Handle type(H5Dget_type(dataset.id));
  info.type_class = H5Tget_class(type);
  info.is_uint8 =
      info.type_class == H5T_INTEGER && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE;

  const Handle create(H5Dget_create_plist(dataset.id));
  const H5D_layout_t layout = H5Pget_layout(create);
  info.is_in_other_files = layout == H5D_VIRTUAL || H5Pget_external_count(create) > 0;
  if (layout == H5D_CHUNKED && !info.shape.empty()) {
    std::vector<hsize_t> chunk(info.shape.size(), 1);
    H5Pget_chunk(create, static_cast<int>(chunk.size()), chunk.data());
    info.chunk_rows = static_cast<std::int64_t>(std::max<hsize_t>(chunk[0], 1));
  }
  const haddr_t address = layout == H5D_CONTIGUOUS ? H5Dget_offset(dataset.id) : HADDR_UNDEF;
  if (address != HADDR_UNDEF) info.offset = static_cast<std::size_t>(address);
  return info;
}

std::vector<std::string> dataset_names(const Object& group, std::size_t most) {
  std::pair<std::vector<std::string>, std::size_t> found{{}, most};
  H5Lvisit(
      group.id, H5_INDEX_NAME, H5_ITER_INC,
      [](hid_t parent, const char* name, const H5L_info_t*, void* data) -> herr_t {
        auto& [names, limit] = *static_cast<decltype(found)*>(data);
        if (names.size() == limit) return 1;
        const Handle object(H5Oopen(parent, name, H5P_DEFAULT));
        if (object.valid() && H5Iget_type(object) == H5I_DATASET) names.emplace_back(name);
        return 0;
      },
      &found);
  return std::move(found.first);
}

}  // namespace varia::hdf5
