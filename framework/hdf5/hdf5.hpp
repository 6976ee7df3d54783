#pragma once

#include <hdf5.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// HDF5's C interface behind move-only handles; every bad return becomes a StoreError that carries
/// the innermost message of HDF5's error stack. Private to framework/results.
namespace varia::hdf5 {

using Shape = std::vector<std::int64_t>;

/// The elements of an array of that shape; where they are too many for the type, its largest value.
std::int64_t count_of(const Shape& shape);
/// The shape as HDF5 takes it.
std::vector<hsize_t> extents(const Shape& shape);

/// Owns one HDF5 identifier of any kind.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept;
  operator hid_t() const { return id_; }
  bool valid() const { return id_ >= 0; }
  hid_t release();
  void reset();

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// An open file, group or data set, with the path of its file and its own name for messages.
struct Object {
  Handle id;
  std::shared_ptr<const std::string> file;
  std::string name;
};

/// Throws StoreError(file, what: innermost HDF5 message).
[[noreturn]] void fail(const std::string& file, const std::string& what);
/// Throws StoreError about an object whose content is not what the layout says.
[[noreturn]] void damaged(const Object& object, const std::string& what);

/// Turns off HDF5's own printing of errors in this thread.
void silence();

/// The most elements one read may give: 2^28, 2 GiB of float64.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;

/// The data space of an array of that shape. @throws StoreError about `object`
Handle make_space(const Object& object, const Shape& shape);
/// The full name of a child, for messages.
std::string child_name(const Object& parent, const std::string& name);

// Files. Reading takes no lock and needs none: files are only ever replaced by rename.
Object open_file(const std::string& path);

// Groups.
Object create_group(const Object& parent, const std::string& name);
Object open_group(const Object& parent, const std::string& name);
bool exists(const Object& parent, const std::string& name);
/// Names in the order of their creation, where it was recorded; otherwise alphabetical.
std::vector<std::string> names(const Object& group);
/// A property list for groups whose attributes stay in the header and whose order is recorded.
void track_order(hid_t group_create_list);

/// HDF5's types for T: in memory, and in the file (little-endian).
template <class T>
struct Type;
template <>
struct Type<double> {
  static hid_t memory() { return H5T_NATIVE_DOUBLE; }
  static hid_t file() { return H5T_IEEE_F64LE; }
};
template <>
struct Type<float> {
  static hid_t memory() { return H5T_NATIVE_FLOAT; }
  static hid_t file() { return H5T_IEEE_F32LE; }
};
template <>
struct Type<std::int64_t> {
  static hid_t memory() { return H5T_NATIVE_INT64; }
  static hid_t file() { return H5T_STD_I64LE; }
};
template <>
struct Type<std::uint64_t> {
  static hid_t memory() { return H5T_NATIVE_UINT64; }
  static hid_t file() { return H5T_STD_U64LE; }
};
template <>
struct Type<std::uint8_t> {
  static hid_t memory() { return H5T_NATIVE_UINT8; }
  static hid_t file() { return H5T_STD_U8LE; }
};

}  // namespace varia::hdf5
