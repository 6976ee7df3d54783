#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "varia/dataset.hpp"

namespace varia::datasets {

struct SmallNorbParams final : DatasetParams {
  Text folder{this, "folder", kUnset,
              "Folder of the six .mat files; unset: smallnorb in the Varia data folder."};
  Choice camera{
      this,
      "camera",
      "left",
      {"left", "right", "both"},
      "Of two cameras, whose images are taken; both: they are images of their own, and the "
      "camera is a factor."};
};

/// The small NORB data set (LeCun, Huang and Bottou 2004): pairs of images [96, 96] of toys, which
/// are mapped. The label is the category; the factors [N, 5] are category, instance, elevation,
/// azimuth (0 to 17, 20 degrees each) and lighting, and the camera if both are taken.
class SmallNorb final : public Dataset {
 public:
  using Params = SmallNorbParams;
  explicit SmallNorb(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  /// The images, categories and other factors of a split.
  std::vector<std::filesystem::path> files(std::string_view split) const;

  const Params& params_;
};

}  // namespace varia::datasets
