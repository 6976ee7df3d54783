#include "sweep/gpus/visible_gpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace varia::sweep {

namespace {

/// The entries of the variable, without the spaces around them.
std::vector<std::string> entries_of(const std::string& text) {
  std::vector<std::string> entries;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    auto entry = text.substr(begin, end - begin);
    const auto first = entry.find_first_not_of(' ');
    entry = first == std::string::npos
                ? ""
                : entry.substr(first, entry.find_last_not_of(' ') + 1 - first);
    entries.push_back(std::move(entry));
    begin = end + 1;
  }
  return entries;
}

std::optional<std::size_t> place_in(const std::string& entry) {
  std::size_t place = 0;
  const auto* const end = entry.data() + entry.size();
  const auto [rest, error] = std::from_chars(entry.data(), end, place);
  if (error != std::errc() || rest != end) return std::nullopt;
  return place;
}

Gpu gpu_of(const NvidiaDriver& driver, std::string name, const DriverGpu& found) {
  return {.name = std::move(name),
          .identity = found.uuid,
          .description = fmt::format("{}, driver {}", found.model, driver.version)};
}

/// nullopt: CUDA takes neither this entry nor those behind it.
std::optional<Gpu> named(const NvidiaDriver& driver, const std::string& entry) {
  if (const auto place = place_in(entry)) {
    if (*place >= driver.gpus.size()) return std::nullopt;
    return gpu_of(driver, entry, driver.gpus[*place]);
  }
  // The driver lists whole GPUs alone; which one a part belongs to, CUDA knows.
  if (entry.starts_with("MIG-"))
    return Gpu{.name = entry,
               .identity = entry,
               .description = fmt::format("part of a GPU, driver {}", driver.version)};
  if (!entry.starts_with("GPU-")) return std::nullopt;
  const auto found = std::ranges::find_if(
      driver.gpus, [&](const auto& gpu) { return gpu.uuid.starts_with(entry); });
  if (found == driver.gpus.end()) return std::nullopt;
  return gpu_of(driver, entry, *found);
}

}  // namespace

VisibleGpus visible_gpus(const std::optional<NvidiaDriver>& driver, const char* visible) {
  if (visible != nullptr &&
      (std::string_view(visible).empty() || std::string_view(visible) == "-1"))
    return {.gpus = {},
            .why_none = fmt::format("{} is '{}', which hides every GPU", kVisibleGpus, visible),
            .are_hidden = true};
  if (!driver) return {.gpus = {}, .why_none = "NVIDIA's driver is not there, or does not answer"};
  if (driver->gpus.empty()) return {.gpus = {}, .why_none = "NVIDIA's driver has no GPU"};
  std::vector<std::string> entries;
  if (visible != nullptr)
    entries = entries_of(visible);
  else
    for (std::size_t i = 0; i < driver->gpus.size(); ++i) entries.push_back(std::to_string(i));
  VisibleGpus found;
  for (const auto& entry : entries) {
    auto gpu = named(*driver, entry);
    if (!gpu) break;
    found.gpus.push_back(std::move(*gpu));
  }
  if (found.gpus.empty())
    found.why_none = fmt::format("{} is '{}', which names none of the {} of the driver",
                                 kVisibleGpus, visible, driver->gpus.size());
  return found;
}

VisibleGpus visible_gpus() { return visible_gpus(ask_nvidia_driver(), std::getenv(kVisibleGpus)); }

}  // namespace varia::sweep
