#include "results/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <utility>

#include "files/whole_file.hpp"
#include "hdf5/attribute.hpp"
#include "results/file_frame.hpp"
#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::results {

using hdf5::Handle;

/// What the driver and OutputFile share. HDF5 hands a pointer to it to the driver.
struct OutputState {
  int error = 0;  // errno of the first failure
  const char* doing = "";
  std::string format;
  std::string text;
};

namespace {

struct DriverFile {
  H5FD_t base;  // must come first: HDF5 sees this part only
  int fd;
  haddr_t end_of_allocation;
  haddr_t end_of_file;
  dev_t device;
  ino_t inode;
  bool is_written;
  OutputState* state;

  void remember(const char* doing) const {
    if (state->error != 0) return;
    state->error = errno != 0 ? errno : EIO;  // 0 would say that all is well
    state->doing = doing;
  }
};

DriverFile& self(H5FD_t* file) { return *reinterpret_cast<DriverFile*>(file); }
const DriverFile& self(const H5FD_t* file) { return *reinterpret_cast<const DriverFile*>(file); }

H5FD_t* driver_open(const char* name, unsigned flags, hid_t list, haddr_t) {
  const auto* state = static_cast<OutputState* const*>(H5Pget_driver_info(list));
  if (state == nullptr) return nullptr;
  int mode = (flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY;
  if ((flags & H5F_ACC_TRUNC) != 0) mode |= O_TRUNC;
  if ((flags & H5F_ACC_CREAT) != 0) mode |= O_CREAT;
  const int fd = ::open(name, mode | O_CLOEXEC, 0666);
  if (fd < 0) return nullptr;
  struct stat status;
  if (::fstat(fd, &status) != 0) {
    ::close(fd);
    return nullptr;
  }
  auto file = std::make_unique<DriverFile>();
  std::memset(static_cast<void*>(file.get()), 0, sizeof(DriverFile));
  file->fd = fd;
  file->end_of_file = static_cast<haddr_t>(status.st_size);
  file->device = status.st_dev;
  file->inode = status.st_ino;
  file->state = *state;
  return reinterpret_cast<H5FD_t*>(file.release());
}

/// Writes what stands around the HDF5 part. No exception may pass through HDF5.
void write_frame(DriverFile& file) noexcept {
  try {
    const auto& [error, doing, format, text] = *file.state;
    const auto put = [&](std::uint64_t address, const std::string& bytes) {
      if (write_at(file.fd, address, bytes.data(), bytes.size()) < 0) file.remember("write");
    };
    if (!text.empty()) put(0, head_bytes(format, text, file.end_of_file + kEndSize));
    const std::string end = end_bytes(file.fd, file.end_of_file);
    if (end.empty()) file.remember("read");
    put(file.end_of_file, end);
  } catch (const std::exception&) {
    errno = ENOMEM;
    file.remember("write");
  }
}

herr_t driver_close(H5FD_t* base) {
  const std::unique_ptr<DriverFile> file(&self(base));
  // HDF5 opens a new file twice; the first time it writes nothing, and an fsync would be for
  // nothing.
  const bool is_final = file->is_written && file->state->error == 0;
  if (is_final) write_frame(*file);
  if (is_final && file->state->error == 0 && ::fsync(file->fd) != 0) file->remember("fsync");
  if (::close(file->fd) != 0) file->remember("close");
  return 0;
}

int driver_compare(const H5FD_t* a, const H5FD_t* b) {
  const DriverFile& x = self(a);
  const DriverFile& y = self(b);
  if (x.device != y.device) return x.device < y.device ? -1 : 1;
  if (x.inode != y.inode) return x.inode < y.inode ? -1 : 1;
  return 0;
}

herr_t driver_query(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) {
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  }
  return 0;
}

haddr_t driver_get_eoa(const H5FD_t* file, H5FD_mem_t) { return self(file).end_of_allocation; }
herr_t driver_set_eoa(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  self(file).end_of_allocation = address;
  return 0;
}
haddr_t driver_get_eof(const H5FD_t* file, H5FD_mem_t) { return self(file).end_of_file; }

herr_t driver_read(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* buffer) {
  DriverFile& file = self(base);
  const ssize_t got = read_at(file.fd, address, buffer, size);
  if (got < 0) return -1;
  std::memset(static_cast<char*>(buffer) + got, 0, size - static_cast<std::size_t>(got));
  return 0;
}

herr_t driver_write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size,
                    const void* buffer) {
  DriverFile& file = self(base);
  file.end_of_file = std::max(file.end_of_file, address + size);
  file.is_written = true;
  if (file.state->error == 0 && write_at(file.fd, address, buffer, size) < 0) {
    file.remember("write");
  }
  return 0;
}

herr_t driver_truncate(H5FD_t* base, hid_t, hbool_t) {
  DriverFile& file = self(base);
  if (file.end_of_file == file.end_of_allocation) return 0;
  if (file.state->error == 0 &&
      ::ftruncate(file.fd, static_cast<off_t>(file.end_of_allocation)) != 0) {
    file.remember("truncate");
  }
  file.end_of_file = file.end_of_allocation;
  return 0;
}

hid_t driver() {
  static const hid_t id = [] {
    static H5FD_class_t driver{};
#ifdef H5FD_CLASS_VERSION
    driver.version = H5FD_CLASS_VERSION;
    driver.value = 400;  // 256 to 511: drivers that are not registered
#endif
    driver.name = "varia_output";
    driver.maxaddr = static_cast<haddr_t>(INT64_MAX);
    driver.fc_degree = H5F_CLOSE_STRONG;
    driver.fapl_size = sizeof(OutputState*);  // NOLINT(bugprone-sizeof-expression): the pointer
    driver.open = driver_open;
    driver.close = driver_close;
    driver.cmp = driver_compare;
    driver.query = driver_query;
    driver.get_eoa = driver_get_eoa;
    driver.set_eoa = driver_set_eoa;
    driver.get_eof = driver_get_eof;
    driver.read = driver_read;
    driver.write = driver_write;
    driver.truncate = driver_truncate;
    const H5FD_mem_t map[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
    return H5FDregister(&driver);
  }();
  return id;
}

}  // namespace

void remove_if_there(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
    throw StoreError(path, "cannot be removed: " + system_reason(errno));
  }
}

OutputFile::OutputFile(const std::string& path, const std::string& format, std::string temporary,
                       std::string text)
    : path_(path),
      temporary_(temporary.empty() ? path + ".tmp" : std::move(temporary)),
      state_(std::make_unique<OutputState>()) {
  hdf5::silence();
  state_->format = format;
  state_->text = std::move(text);
  files::create_folder_of(path);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw StoreError(path, "is a folder; a file is to be written there. Move the folder away.");
  }
  // A stale one. If it cannot be removed, the file cannot be written either, which is what is said.
  ::unlink(temporary_.c_str());
  if (!Descriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666))
           .is_open())
    throw StoreError(path, "cannot be written (" + temporary_ + ": " + system_reason(errno) + ")");

  const Handle access(H5Pcreate(H5P_FILE_ACCESS));
  const Handle create(H5Pcreate(H5P_FILE_CREATE));
  OutputState* const state = state_.get();
  H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V110);
  H5Pset_obj_track_times(create, false);
  hdf5::track_order(create);
  if (!state_->text.empty() && H5Pset_userblock(create, head_size(format, state_->text)) < 0) {
    hdf5::fail({path}, "no room can be left before it");
  }
  if (driver() < 0 || H5Pset_driver(access, driver(), &state) < 0) {
    hdf5::fail({path}, "the output driver cannot be set");
  }
  root_ = {Handle(H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, create, access)),
           std::make_shared<const hdf5::File>(hdf5::File{path}), "/"};
  if (!root_.id.valid()) {
    ::unlink(temporary_.c_str());
    hdf5::fail({path}, "cannot be created");
  }
  hdf5::write_attribute(root_, "format", format);
  hdf5::write_attribute(root_, "version", kFormatVersion);
}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  if (root_.id.valid()) {
    // What HDF5 still wants to write is lost anyway.
    if (state_->error == 0) state_->error = ECANCELED;
    root_.id.reset();
  }
  ::unlink(temporary_.c_str());
}

void OutputFile::check() const {
  if (state_->error == 0) return;
  std::error_code ignored;
  const bool is_there = std::filesystem::exists(path_, ignored);
  throw StoreError(path_, "cannot be written (" + std::string(state_->doing) + " of " + temporary_ +
                              ": " + system_reason(state_->error) + ")" +
                              (is_there ? "; the file before stays as it was" : ""));
}

void OutputFile::close() {
  check();
  if (H5Fclose(root_.id.release()) < 0) {
    check();
    hdf5::fail({path_}, "cannot be closed");
  }
  check();
}

void OutputFile::commit() {
  close();
  files::publish_over(temporary_, path_);
  temporary_.clear();
}

bool OutputFile::publish(const std::string& target, bool replace,
                         const std::function<bool()>& may_replace) {
  close();
  bool is_published = false;
  if (!replace) {
    is_published = files::publish_new(temporary_, target);
  } else if (!may_replace || may_replace()) {
    files::publish_over(temporary_, target);
    is_published = true;
  }
  if (!is_published) files::publish_over(temporary_, path_);
  temporary_.clear();
  return is_published;
}

}  // namespace varia::results
