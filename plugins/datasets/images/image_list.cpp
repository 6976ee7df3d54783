#include "images/image_list.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "files/folder_entries.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kLargestLabel = 1'000'000;

const std::set<std::string> kEndings = {".png", ".jpg", ".jpeg", ".webp", ".bmp"};
/// Of images that would be missed silently.
const std::set<std::string> kOtherImages = {".avif", ".gif", ".heic", ".heif", ".jp2",
                                            ".jxl",  ".pbm", ".pgm",  ".pnm",  ".ppm",
                                            ".tga",  ".tif", ".tiff"};

std::string ending_of(const fs::path& path) {
  auto ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

/// What lies in one folder, sorted by name.
struct Entries {
  std::vector<std::string> folders;
  std::vector<std::string> images;
};

Entries read_folder(const fs::path& folder) {
  std::error_code error;
  Entries entries;
  for (const auto& entry : files::folder_entries(folder, error)) {
    const auto& path = entry.path();
    const auto name = path.filename().string();
    if (name.starts_with('.')) continue;
    const bool is_image = kEndings.contains(ending_of(path));
    std::error_code failure;  // of following a link
    const bool is_folder = entry.is_directory(failure);
    if (failure && (is_image || failure != std::errc::no_such_file_or_directory))
      throw DataError(path.string(), "cannot be read: " + failure.message() + ".");
    if (is_folder) {
      entries.folders.push_back(name);
    } else if (is_image) {
      entries.images.push_back(name);
    } else if (kOtherImages.contains(ending_of(path))) {
      throw DataError(path.string(),
                      "is not of a format that can be read; expected PNG, JPEG, WebP or BMP. "
                      "Convert it, or remove it.");
    }
  }
  if (error) throw DataError(folder.string(), "cannot be read: " + error.message() + ".");
  std::ranges::sort(entries.folders);
  std::ranges::sort(entries.images);
  return entries;
}

/// One part of a data set: images alone, or a subfolder for each class.
struct Part {
  std::vector<ImageFile> files;
  std::vector<std::string> classes;
};

void require_images(const fs::path& folder, const Entries& entries) {
  if (entries.images.empty())
    throw DataError(folder.string(), "has no images (.png, .jpg, .jpeg, .webp, .bmp).");
}

void refuse_mixture(const fs::path& folder, const Entries& entries) {
  if (entries.images.empty() || entries.folders.empty()) return;
  throw DataError(folder.string(), "has both images (" + entries.images.front() +
                                       ") and folders (" + entries.folders.front() +
                                       "); expected images alone, or a folder for each class.");
}

/// The first of every class, then the second of every class, ...
void take_turns(std::vector<ImageFile>& files) {
  std::map<std::int64_t, std::int64_t> seen;
  std::vector<std::pair<std::int64_t, std::size_t>> turns;  // and the place before
  for (std::size_t i = 0; i < files.size(); ++i) turns.emplace_back(seen[files[i].label]++, i);
  std::ranges::sort(turns);
  std::vector<ImageFile> ordered;
  for (const auto& [turn, place] : turns) ordered.push_back(std::move(files[place]));
  files = std::move(ordered);
}

/// @param prefix of the names: "train/", or empty
Part list_part(const fs::path& folder, const Entries& entries, const std::string& prefix) {
  refuse_mixture(folder, entries);
  Part part;
  if (entries.folders.empty()) {
    require_images(folder, entries);
    for (const auto& name : entries.images) part.files.push_back({folder / name, prefix + name});
    return part;
  }
  for (const auto& label : entries.folders) {
    const auto inner = read_folder(folder / label);
    if (!inner.folders.empty()) {
      throw DataError((folder / label / inner.folders.front()).string(),
                      "is a folder in the folder of a class; expected images alone there. A list "
                      "('list') names images in any folders.");
    }
    require_images(folder / label, inner);
    for (const auto& name : inner.images)
      part.files.push_back({folder / label / name, prefix + label + "/" + name,
                            static_cast<std::int64_t>(part.classes.size())});
    part.classes.push_back(label);
  }
  take_turns(part.files);
  return part;
}

/// True if the subfolders are the splits, and not classes.
bool are_splits(const fs::path& folder, const std::vector<std::string>& names) {
  const auto has = [&](const char* name) { return std::ranges::binary_search(names, name); };
  if (!has("train")) return false;
  if (names.size() == 1 || (names.size() == 2 && has("test"))) return true;
  const auto other = std::ranges::find_if(
      names, [](const auto& name) { return name != "train" && name != "test"; });
  const bool is_validation = *other == "val" || *other == "valid" || *other == "validation";
  if (!is_validation && !has("test")) return false;  // a class of trains
  throw DataError(folder.string(),
                  "has the folders train and " + *other +
                      "; expected train, or train and test, or folders of classes. The option "
                      "'validation' sets training images aside.");
}

/// Gives the test images the labels of the training images' classes.
void relabel(Part& test, const Part& train, const fs::path& folder) {
  for (const auto& name : test.classes) {
    if (!std::ranges::binary_search(train.classes, name))
      throw DataError((folder / name).string(), "is a class without training images.");
  }
  if (test.classes.empty() != train.classes.empty())
    throw DataError(folder.string(),
                    "expected folders of classes in both train and test, or in "
                    "neither of them.");
  for (auto& file : test.files) {
    if (file.label < 0) continue;
    const auto& name = test.classes[static_cast<std::size_t>(file.label)];
    file.label = std::ranges::lower_bound(train.classes, name) - train.classes.begin();
  }
}

ImageList joined(Part train, Part test) {
  ImageList list{std::move(train.files), 0, std::move(train.classes)};
  list.train = list.files.size();
  std::ranges::move(test.files, std::back_inserter(list.files));
  return list;
}

constexpr std::uintmax_t kLargestList = std::uintmax_t{1} << 30;

/// The lines of a list; the label of a file is a place in the names that were written.
Part read_list(const fs::path& list) {
  file_stamp(list);  // throws if there is none, or opening it would wait for a pipe
  std::ifstream file(list);
  std::error_code error;
  if (!file || fs::file_size(list, error) > kLargestList || error)
    throw DataError(list.string(),
                    "cannot be read; expected a text file of at most 1 GiB with a path on each "
                    "line.");
  Part part;
  std::map<std::string, std::int64_t> labels;
  std::string line;
  for (std::int64_t number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const auto fail = [&](const std::string& message) {
      throw DataError(list.string() + ":" + std::to_string(number), message);
    };
    const auto tab = line.find('\t');
    const auto path = line.substr(0, tab);
    const auto label = tab == std::string::npos ? std::string() : line.substr(tab + 1);
    if (path.empty() || path.find('\0') != std::string::npos)
      fail("expected the path of an image, then, if there are classes, a tab and a class.");
    if (!part.files.empty() && label.empty() != part.classes.empty())
      fail("expected a class behind a tab on every line, or on none.");
    part.files.push_back({list.parent_path() / path, path});
    if (label.empty()) continue;
    const auto [place, is_new] = labels.emplace(label, part.classes.size());
    if (is_new) part.classes.push_back(label);
    part.files.back().label = place->second;
  }
  if (part.files.empty()) throw DataError(list.string(), "lists no images.");
  return part;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return {};
  return number >= 0 && number <= kLargestLabel ? std::optional(number) : std::nullopt;
}

/// Labels from the names of the classes, the same for both parts.
void number_classes(Part& train, Part& test) {
  const auto are_numbers = [](const Part& part) {
    return std::ranges::all_of(part.classes,
                               [](const auto& name) { return whole_number(name).has_value(); });
  };
  const bool by_number = are_numbers(train) && are_numbers(test);
  const auto written = train.classes;
  if (!by_number) std::ranges::sort(train.classes);
  for (auto* part : {&train, &test}) {
    const auto names = part == &train ? written : part->classes;
    for (auto& file : part->files) {
      if (file.label < 0) continue;
      const auto& name = names[static_cast<std::size_t>(file.label)];
      file.label = by_number
                       ? *whole_number(name)
                       : std::ranges::lower_bound(train.classes, name) - train.classes.begin();
    }
  }
  if (by_number) train.classes.clear();
}

}  // namespace

ImageList list_folder(const fs::path& folder) {
  const auto entries = read_folder(folder);
  if (entries.folders.empty() || !are_splits(folder, entries.folders))
    return joined(list_part(folder, entries, ""), {});
  refuse_mixture(folder, entries);
  auto train = list_part(folder / "train", read_folder(folder / "train"), "train/");
  if (entries.folders.size() == 1) return joined(std::move(train), {});
  auto test = list_part(folder / "test", read_folder(folder / "test"), "test/");
  relabel(test, train, folder / "test");
  return joined(std::move(train), std::move(test));
}

ImageList read_lists(const fs::path& train, const fs::path& test) {
  auto train_part = read_list(train);
  if (test.empty()) {
    Part none;
    number_classes(train_part, none);
    return joined(std::move(train_part), {});
  }
  auto test_part = read_list(test);
  if (test_part.classes.empty() != train_part.classes.empty())
    throw DataError(test.string(), "expected classes in both lists, or in neither of them.");
  for (const auto& name : test_part.classes) {
    if (std::ranges::find(train_part.classes, name) == train_part.classes.end())
      throw DataError(test.string(), "has the class " + name + ", which has no training images.");
  }
  number_classes(train_part, test_part);
  return joined(std::move(train_part), std::move(test_part));
}

}  // namespace varia::datasets
