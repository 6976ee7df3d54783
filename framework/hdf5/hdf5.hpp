#pragma once

#include <hdf5.h>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

/// HDF5's C interface behind move-only handles. Every bad return becomes an error: a StoreError
/// about a results file, a DataError about a file of data. One about writing carries the innermost
/// message of HDF5's error stack; one about reading says what is wrong with the file.
///
/// Nothing is read from another file than the one that was opened: a link into another file is an
/// error that names both, and so is, in a results file, a data set whose values lie elsewhere.
namespace varia::hdf5 {

using Shape = std::vector<std::int64_t>;

/// The elements of an array of that shape; the largest value of the type if they are too many.
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
  // Implicit, since HDF5 takes ids.
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)
  bool valid() const { return id_ >= 0; }
  hid_t release();
  void reset();

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// What errors say of a file.
struct File {
  std::string path;
  bool is_data = false;  ///< errors are DataErrors; else StoreErrors
};

/// An open file, group or data set, with its file and its own name for messages.
struct Object {
  Handle id;
  std::shared_ptr<const File> file;
  std::string name;
};

/// Throws an error about `file`: `what: innermost HDF5 message`.
[[noreturn]] void fail(const File& file, const std::string& what);
/// Throws an error about what HDF5 cannot read of a file.
[[noreturn]] void unreadable(const File& file, const std::string& what);
/// Throws an error about an object whose content is not what was expected.
[[noreturn]] void damaged(const Object& object, const std::string& what);

/// Turns off HDF5's own printing of errors in this thread.
void silence();

/// The most elements one read may give: 2^28, 2 GiB of float64.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;

/// The data space of an array of that shape.
Handle make_space(const Object& object, const Shape& shape);
/// The full name of a child, for messages.
std::string child_name(const Object& parent, const std::string& name);

/// Opens a file for reading, without a lock: results files are only ever replaced by rename, and
/// data may be read while others write. Closing it closes all objects of it.
/// @param is_data says which errors are thrown about it
/// @param remedy  what to do about a file that is damaged: a sentence
/// @throws StoreError or DataError: not there, not a regular file, not HDF5
Object open_file(const std::string& path, bool is_data = false, const std::string& remedy = "");

/// The bytes of a file up to its end as HDF5 knows it; 0 if it does not say that.
std::uint64_t size_in_superblock(const std::string& path);

/// A property list of the given class for opening objects by name, without following links into
/// other files.
Handle link_access(hid_t list_class);
/// Throws an error about a child that cannot be opened; it says so if a link into another file was
/// met, or if it is something else.
[[noreturn]] void cannot_open(const Object& parent, const std::string& what,
                              const std::string& name);

Object create_group(const Object& parent, const std::string& name);
Object open_group(const Object& parent, const std::string& name);
/// @throws StoreError or DataError if a link into another file stands on the way
bool exists(const Object& parent, const std::string& name);
/// Whether a child is a group; false if there is none.
/// @throws StoreError or DataError if a link into another file stands on the way
bool is_group(const Object& parent, const std::string& name);
/// Names in the order of their creation, where it was recorded; otherwise alphabetical.
std::vector<std::string> names(const Object& group);
/// A property list for groups whose attributes stay in the header and whose order is recorded.
void track_order(hid_t group_create_list);

/// HDF5's type of T, in memory and in the files that are written.
template <class T>
hid_t type_of() {
  if constexpr (std::is_same_v<T, double>) {
    return H5T_NATIVE_DOUBLE;
  } else if constexpr (std::is_same_v<T, float>) {
    return H5T_NATIVE_FLOAT;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return H5T_NATIVE_INT64;
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return H5T_NATIVE_UINT64;
  } else {
    static_assert(std::is_same_v<T, std::uint8_t>);
    return H5T_NATIVE_UINT8;
  }
}

}  // namespace varia::hdf5
