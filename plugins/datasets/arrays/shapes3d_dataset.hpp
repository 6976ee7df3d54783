#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "arrays/hdf5_dataset.hpp"

namespace varia::datasets {

struct Shapes3dParams final : DatasetParams {
  Text folder{this, "folder", kUnset,
              "Folder of 3dshapes.h5; unset: shapes3d in the Varia data folder."};
  Choice label{this,
               "label",
               "shape",
               {"floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation"},
               "The factor whose values are the classes."};
  Real test{this,
            "test",
            0.1,
            {0.0, 0.9},
            "The part of the images that is set aside as the test split, by split_seed."};
  Integer window{this,
                 "window",
                 Hdf5Params::kDefaultWindow,
                 {1, 1 << 20},
                 "MiB of memory for images, which are streamed; those that are in memory together "
                 "are shuffled together."};
};

/// 3D Shapes (Burgess and Kim 2018): 480,000 pictures [3, 64, 64] of an object in a room, one of
/// every combination of six factors, from the official HDF5 file. The factors [N, 6] are the
/// numbers of their values: hues 0 to 9 (floor, wall, object), scale 0 to 7, shape 0 to 3,
/// orientation 0 to 14.
class Shapes3d final : public Dataset {
 public:
  using Params = Shapes3dParams;
  explicit Shapes3d(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  std::filesystem::path file() const;

  const Params& params_;
  Hdf5Params arrays_;  // of the file
  std::optional<Hdf5Dataset> data_;
};

}  // namespace varia::datasets
