#include "sweep/gpus/gpu_slots.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <utility>

#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::sweep {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  throw Error(fmt::format("cannot lock GPUs in {}: {}", path.string(), why));
}

/// Makes the folder. Another user may have put something else there.
void require_own_folder(const std::filesystem::path& folder) {
  constexpr mode_t kOwnerAlone = 0700;
  if (::mkdir(folder.c_str(), kOwnerAlone) != 0 && errno != EEXIST)
    fail(folder, system_reason(errno));
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) fail(folder, system_reason(errno));
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid())
    fail(folder, "it is not a folder of this user");
}

/// Locks a file. @returns false if another process has done so
/// @throws Error for all else: a run that took that for a busy GPU would wait for ever
bool is_locked(const Descriptor& file, const std::filesystem::path& path) {
  while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) fail(path, system_reason(errno));
  }
  return true;
}

/// CUDA_VISIBLE_DEVICES may hold any text.
std::string file_name(const std::string& identity) {
  auto name = identity;
  for (auto& letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '-') letter = '_';
  return name;
}

}  // namespace

GpuSlots::GpuSlots(std::vector<Gpu> gpus, std::size_t trials_per_gpu, std::filesystem::path folder)
    : gpus_(std::move(gpus)), trials_per_gpu_(trials_per_gpu), folder_(std::move(folder)) {
  if (folder_.empty() && !gpus_.empty()) folder_ = default_folder();
}

std::filesystem::path GpuSlots::default_folder() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) throw Error("TMPDIR names no folder, where runs would share the GPUs; unset it");
  return folder / fmt::format("varia-gpus-{}", ::geteuid());
}

bool GpuSlots::take() {
  std::vector<const Gpu*> candidates;
  for (const auto& gpu : gpus_) candidates.push_back(&gpu);
  std::ranges::stable_sort(candidates, {},
                           [this](const Gpu* gpu) { return std::ranges::count(taken_, gpu); });
  return std::ranges::any_of(candidates, [this](const Gpu* gpu) { return lock(*gpu); });
}

bool GpuSlots::lock(const Gpu& gpu) {
  require_own_folder(folder_);
  for (std::size_t i = 0; i < trials_per_gpu_; ++i) {
    const auto path = folder_ / fmt::format("{}.{}", file_name(gpu.identity), i);
    constexpr mode_t kOwnerAlone = 0600;
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerAlone));
    if (!file.is_open()) fail(path, system_reason(errno));
    if (!is_locked(file, path)) continue;
    locks_.push_back(std::move(file));
    taken_.push_back(&gpu);
    return true;
  }
  return false;
}

}  // namespace varia::sweep
