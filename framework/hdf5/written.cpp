#include "hdf5/dataset.hpp"

// What the file holds of the values of a data set.

namespace varia::hdf5 {

namespace {

/// The stored size of a chunk if it follows from that of its values: no filter that was applied to
/// it changes sizes; nullopt if it does not.
///
/// So a deflated chunk that was made to unpack to less than its values is not told from a whole
/// one, and HDF5 1.10 reads what lies behind it in memory. A zlib stream does not say how long it
/// becomes; one that was damaged fails by its checksum. Only unpacking every chunk twice would
/// tell, at twice the time of reading, and for one filter of many.
/// @param skipped the filters that were not applied to it, a bit for each
std::optional<hsize_t> known_size(hid_t create, hsize_t bytes, unsigned skipped) {
  const int count = H5Pget_nfilters(create);
  for (int i = 0; i < count; ++i) {
    if ((skipped >> static_cast<unsigned>(i) & 1U) != 0) continue;
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(create, i, &flags, &values, nullptr, 0, nullptr, &config);
    if (filter == H5Z_FILTER_FLETCHER32)
      bytes += sizeof(std::uint32_t);
    else if (filter != H5Z_FILTER_SHUFFLE)
      return std::nullopt;
  }
  return bytes;
}

/// True if a chunk is in the file, and not smaller than its values: HDF5 would read what lies
/// behind it in memory.
bool is_whole_chunk(const Object& dataset, hid_t create, const Shape& chunk, const Shape& place) {
  unsigned skipped = 0;
  haddr_t address = HADDR_UNDEF;
  hsize_t stored = 0;
  if (H5Dget_chunk_info_by_coord(dataset.id, extents(place).data(), &skipped, &address, &stored) <
          0 ||
      address == HADDR_UNDEF || stored == 0) {
    H5Eclear2(H5E_DEFAULT);
    return false;
  }
  const Handle type(H5Dget_type(dataset.id));
  const hsize_t bytes = static_cast<hsize_t>(count_of(chunk)) * H5Tget_size(type);
  return stored >= known_size(create, bytes, skipped).value_or(1);
}

}  // namespace

bool is_written(const Object& dataset, const Shape& start, const Shape& count) {
  const Handle create(H5Dget_create_plist(dataset.id));
  const H5D_layout_t layout = H5Pget_layout(create);
  if (layout == H5D_CONTIGUOUS) return offset_of(dataset).has_value();
  if (layout != H5D_CHUNKED) return layout == H5D_COMPACT;
  const Shape chunk = chunk_of(dataset);
  // From the first chunk of the box to the last one, in row-major order.
  Shape first, last;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    if (count[i] == 0) return true;
    first.push_back(start[i] / chunk[i] * chunk[i]);
    last.push_back(start[i] + count[i] - 1);
  }
  Shape place = first;
  while (true) {
    if (!is_whole_chunk(dataset, create, chunk, place)) return false;
    std::size_t axis = place.size();
    while (axis > 0) {
      --axis;
      place[axis] += chunk[axis];
      if (place[axis] <= last[axis]) break;
      place[axis] = first[axis];
      if (axis == 0) return true;
    }
  }
}

}  // namespace varia::hdf5
