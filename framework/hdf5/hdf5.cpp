#include "hdf5/hdf5.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::hdf5 {

namespace {

// HDF5 reads the tables of a file in dozens of small pieces; a small file is read at once instead.
constexpr std::size_t kSmallFile = std::size_t{1} << 20;

herr_t take_innermost(unsigned n, const H5E_error2_t* error, void* data) {
  if (n == 0 && error->desc != nullptr) *static_cast<std::string*>(data) = error->desc;
  return 0;
}

/// The innermost message of HDF5's errors, which are dropped.
std::string take_error() {
  std::string innermost;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, &innermost);
  H5Eclear2(H5E_DEFAULT);
  return innermost;
}

/// The file that a link would have led to, which HDF5's error does not say.
thread_local std::string refused_link;

herr_t refuse_link(const char*, const char*, const char* file, const char*, unsigned*, hid_t,
                   void*) {
  refused_link = file;
  return -1;
}

[[noreturn]] void throw_about(const File& file, const std::string& message) {
  if (file.is_data) throw DataError(file.path, message);
  throw StoreError(file.path, message);
}

/// Throws if HDF5 has met a link into another file on its way to a child.
void refuse_links(const Object& parent, const std::string& name) {
  const std::string link = std::exchange(refused_link, "");
  if (link.empty()) return;
  H5Eclear2(H5E_DEFAULT);
  throw_about(*parent.file, name + ": is a link into " + link +
                                (parent.file->is_data
                                     ? ". Copy the array into this file, for instance with h5copy."
                                     : ". Nothing outside of a results file is read."));
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = other.release();
  }
  return *this;
}

hid_t Handle::release() {
  const hid_t id = id_;
  id_ = H5I_INVALID_HID;
  return id;
}

void Handle::reset() {
  if (id_ >= 0) H5Idec_ref(id_);
  id_ = H5I_INVALID_HID;
}

void fail(const File& file, const std::string& what) {
  const std::string innermost = take_error();
  throw_about(file, innermost.empty() ? what : what + ": " + innermost);
}

void unreadable(const File& file, const std::string& what) {
  // The one thing that HDF5 says to people: why the system did not read.
  constexpr std::string_view kNumber = "errno = ";
  const std::string innermost = take_error();
  int number = 0;
  if (const auto place = innermost.find(kNumber); place != std::string::npos)
    std::from_chars(innermost.data() + place + kNumber.size(), innermost.data() + innermost.size(),
                    number);
  throw_about(file, what + " cannot be read" +
                        (number != 0 ? ": " + system_reason(number) : "; the file is damaged"));
}

void damaged(const Object& object, const std::string& what) {
  throw_about(*object.file, object.name + ": " + what + ". The file is damaged" +
                                (object.file->is_data ? "." : " or was not written by Varia."));
}

void silence() {
  thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(silent);
}

namespace {

/// Where the HDF5 part of a file starts: at 0, or at a power of two from 512. nullopt: nowhere.
std::optional<std::uint64_t> signature_place(std::ifstream& file, std::uint64_t size) {
  constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
  for (std::uint64_t place = 0; place + kSignature.size() <= size;
       place = std::max<std::uint64_t>(512, 2 * place)) {
    std::array<char, kSignature.size()> bytes{};
    file.seekg(static_cast<std::streamoff>(place)).read(bytes.data(), bytes.size());
    if (std::string_view(bytes.data(), bytes.size()) == kSignature) return place;
  }
  return std::nullopt;
}

/// Why a file cannot be opened as HDF5.
std::string why_not_hdf5(const std::string& path, std::uint64_t size) {
  if (size == 0) return "it is empty";
  std::ifstream file(path, std::ios::binary);
  if (!signature_place(file, size)) return "it is not an HDF5 file";
  const std::uint64_t whole = size_in_superblock(path);
  if (size >= whole) return "it is damaged";
  return "it is cut short: " + std::to_string(size) + " of " + std::to_string(whole) + " bytes";
}

}  // namespace

std::uint64_t size_in_superblock(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  const auto place = error ? std::nullopt : signature_place(file, size);
  if (!place) return 0;
  std::array<unsigned char, 64> block{};
  file.clear();
  file.seekg(static_cast<std::streamoff>(*place));
  file.read(reinterpret_cast<char*>(block.data()), block.size());
  const unsigned version = block[8];
  // Versions 0 and 1 say the size of an address later, and have more before the first one.
  const unsigned address_bytes = version < 2 ? block[13] : block[9];
  if (version > 3 || address_bytes != 8) return 0;
  const std::size_t end = version == 0 ? 40 : version == 1 ? 44 : 28;
  std::uint64_t bytes = 0;
  for (std::size_t i = end + 8; i-- > end;) bytes = bytes << 8U | block[i];
  return bytes;
}

Object open_file(const std::string& path, bool is_data, const std::string& remedy) {
  silence();
  const auto about = std::make_shared<const File>(File{path, is_data});
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::none || type == std::filesystem::file_type::not_found) {
    throw_about(*about, "cannot be opened: " + error.message());
  }
  if (type != std::filesystem::file_type::regular) {
    throw_about(*about, type == std::filesystem::file_type::directory
                            ? std::string("is a folder, not ") +
                                  (is_data ? "an HDF5 file" : "a results file")
                            : "is not a regular file");
  }
  const Handle access(H5Pcreate(H5P_FILE_ACCESS));
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(access, false, true);
#endif
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size <= kSmallFile) H5Pset_fapl_core(access, kSmallFile, false);
  Object file{Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access)), about, "/"};
  if (!file.id.valid()) {
    H5Eclear2(H5E_DEFAULT);
    if (!Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)).is_open())
      throw_about(*about, "cannot be opened: " + system_reason(errno));
    throw_about(*about, "cannot be opened as HDF5: " + why_not_hdf5(path, size) +
                            (is_data          ? ". Make or copy it again"
                             : remedy.empty() ? ""
                                              : ". " + remedy));
  }
  return file;
}

void track_order(hid_t list) {
  H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_phase_change(list, 64, 32);
}

Object create_group(const Object& parent, const std::string& name) {
  const Handle create(H5Pcreate(H5P_GROUP_CREATE));
  track_order(create);
  H5Pset_obj_track_times(create, false);
  Object group{Handle(H5Gcreate2(parent.id, name.c_str(), H5P_DEFAULT, create, H5P_DEFAULT)),
               parent.file, child_name(parent, name)};
  if (!group.id.valid()) fail(*parent.file, "group " + group.name + " cannot be written");
  return group;
}

Handle link_access(hid_t list_class) {
  Handle list(H5Pcreate(list_class));
  H5Pset_elink_cb(list, refuse_link, nullptr);
  return list;
}

void cannot_open(const Object& parent, const std::string& what, const std::string& name) {
  refuse_links(parent, name);
  static const hid_t access = link_access(H5P_LINK_ACCESS).release();
  const Handle child(H5Oopen(parent.id, name.c_str(), access));
  H5Eclear2(H5E_DEFAULT);
  const H5I_type_t type = child.valid() ? H5Iget_type(child) : H5I_BADID;
  const std::string found = type == H5I_GROUP     ? "' is a group"
                            : type == H5I_DATASET ? "' is a data set"
                                                  : "";
  if (!found.empty() && !found.ends_with(what)) {
    const std::string problem = "'" + name + found + ", and a " + what + " is expected";
    if (!parent.file->is_data) damaged(parent, problem);
    throw_about(*parent.file, parent.name + ": " + problem);
  }
  damaged(parent, "it has no " + what + " '" + name + "'");
}

Object open_group(const Object& parent, const std::string& name) {
  static const hid_t access = link_access(H5P_GROUP_ACCESS).release();
  Object group{Handle(H5Gopen2(parent.id, name.c_str(), access)), parent.file,
               child_name(parent, name)};
  if (!group.id.valid()) cannot_open(parent, "group", name);
  return group;
}

bool exists(const Object& parent, const std::string& name) {
  static const hid_t access = link_access(H5P_LINK_ACCESS).release();
  const bool found = H5Lexists(parent.id, name.c_str(), access) > 0;
  refuse_links(parent, name);
  return found;
}

bool is_group(const Object& parent, const std::string& name) {
  static const hid_t access = link_access(H5P_LINK_ACCESS).release();
  const Handle child(H5Oopen(parent.id, name.c_str(), access));
  refuse_links(parent, name);
  if (!child.valid()) H5Eclear2(H5E_DEFAULT);
  return child.valid() && H5Iget_type(child) == H5I_GROUP;
}

std::vector<std::string> names(const Object& group) {
  std::vector<std::string> result;
  const auto list = [&](H5_index_t order) {
    result.clear();
    return H5Literate(
        group.id, order, H5_ITER_INC, nullptr,
        [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
          static_cast<std::vector<std::string>*>(data)->emplace_back(name);
          return 0;
        },
        &result);
  };
  // The order of creation may not have been recorded.
  if (list(H5_INDEX_CRT_ORDER) < 0 && list(H5_INDEX_NAME) < 0)
    damaged(group, "its content cannot be listed");
  H5Eclear2(H5E_DEFAULT);
  return result;
}

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size == 0) return 0;
    // Saturates: the callers compare with limits.
    count = size > std::numeric_limits<std::int64_t>::max() / count
                ? std::numeric_limits<std::int64_t>::max()
                : count * size;
  }
  return count;
}

std::vector<hsize_t> extents(const Shape& shape) { return {shape.begin(), shape.end()}; }

Handle make_space(const Object& object, const Shape& shape) {
  const std::vector<hsize_t> sizes = extents(shape);
  Handle space(shape.empty()
                   ? H5Screate(H5S_SCALAR)
                   : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
  if (!space.valid()) fail(*object.file, "no space for " + object.name);
  return space;
}

std::string child_name(const Object& parent, const std::string& name) {
  return parent.name == "/" ? "/" + name : parent.name + "/" + name;
}

}  // namespace varia::hdf5
