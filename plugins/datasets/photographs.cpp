#include <ATen/Functions.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pictures/decode.hpp"
#include "varia/data_folder.hpp"
#include "varia/dataset.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/plugin.hpp"
#include "varia/sha256.hpp"

// Patches of two photographs.

namespace {

using namespace varia;

struct PhotographsParams final : DatasetParams {
  Integer size{this, "size", 32, {4, 128}, "Height and width of a patch in pixels."};
  Integer stride{this, "stride", 8, {1, 128}, "Pixels from one patch to the next, both ways."};
};

/// Square patches: the training split has those of the left three quarters of each photograph, the
/// test split those of the right quarter, so that they share no pixel.
class Photographs final : public Dataset {
 public:
  using Params = PhotographsParams;
  explicit Photographs(const Params& params) : params_(params) {}

  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto size = params_.size();
    std::vector<Tensor> patches, labels;
    std::int64_t label = 0;
    for (const auto& file : files()) {
      const auto pixels = photograph(file);  // [3, H, W]
      const auto border = pixels.size(2) * 3 / 4;
      const auto part = split == "train" ? pixels.slice(2, 0, border) : pixels.slice(2, border);
      const auto grid = part.unfold(1, size, params_.stride()).unfold(2, size, params_.stride());
      patches.push_back(grid.permute({1, 2, 0, 3, 4}).reshape({-1, 3, size, size}));
      labels.push_back(at::full({patches.back().size(0)}, label++, at::kLong));
    }
    return std::make_shared<MemorySamples>(
        at::cat(patches),
        Annotations{.labels = at::cat(labels), .class_names = {"china", "flower"}});
  }

  std::string digest() override { return digest_of_files(files()); }

 private:
  static std::vector<std::filesystem::path> files() {
    const auto folder = require_data("photographs", {"china.jpg", "flower.jpg"});
    return {folder / "china.jpg", folder / "flower.jpg"};
  }

  /// [3, H, W] uint8
  static Tensor photograph(const std::filesystem::path& path) {
    const MappedFile file(path);
    const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
    try {
      const auto image = pictures::Decoder().decode(bytes, pictures::read_header(bytes), 3);
      require_whole(file.data());
      const std::array<std::int64_t, 3> sizes = {image.height, image.width, 3};
      auto pixels = image.pixels;
      return at::from_blob(pixels.data(), sizes, at::kByte).permute({2, 0, 1}).contiguous();
    } catch (const Error& error) {
      throw DataError(path.string(), error.what());
    }
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("photographs", "1.0.0") {
  registry.add<Photographs>("photographs",
                            "Patches of two photographs in colour that come with scikit-learn.");
}
