#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "images/sprite.hpp"
#include "varia/dataset.hpp"

namespace varia::datasets {

struct SpritesParams final : DatasetParams {
  Integer size{this, "size", 64, {8, 256}, "Height and width of an image, in pixels."};
  TextList shapes{this,
                  "shapes",
                  {"square", "ellipse", "heart"},
                  "Which shapes, in the order of their labels."};
  Integer scales{this,
                 "scales",
                 6,
                 {1, 1000},
                 "How many sizes, evenly spaced from 0.5 to 1; a single one is 1."};
  Integer orientations{
      this, "orientations", 40, {1, 1000}, "How many angles, evenly spaced over the full turn."};
  Integer positions{
      this, "positions", 32, {1, 256}, "How many places along x, and as many along y."};
  Boolean anti_aliased{this, "anti_aliased", false,
                       "Grey borders: the part of a pixel that is covered."};
  Real test{this,
            "test",
            0.1,
            {0.0, 0.9},
            "The part of the images that is set aside as the test split, by split_seed."};

 protected:
  void check() const override;
};

/// All combinations of five factors: shape, scale, orientation, x, y. Cells are numbered row by
/// row, y the fastest, as dSprites numbers its images. A factor is the index of its value, from 0:
///
/// | factor      | value of index k among n                                                  |
/// |-------------|---------------------------------------------------------------------------|
/// | shape       | `shapes[k]`                                                               |
/// | scale       | 0.5 + 0.5 k / (n - 1), or 1 if n = 1; times 0.244 * size it is the        |
/// |             | radius of the circle around the figure                                    |
/// | orientation | 2 pi k / n, counter-clockwise                                             |
/// | x, y        | the circle's centre is at size / 4 + (k + 1/2) * size / (2 n) pixels from |
/// |             | the left and the upper edge                                               |
///
/// So nothing is cut off, and 32 positions on 64 pixels are a pixel apart.
class SpriteGrid {
 public:
  static constexpr std::int64_t kFactors = 5;
  using Cell = std::array<std::int64_t, kFactors>;
  explicit SpriteGrid(const SpritesParams& params);
  /// The number of cells.
  std::int64_t size() const;
  /// How many values each factor has.
  const Cell& counts() const { return counts_; }
  /// The factors of a cell.
  Cell cell(std::int64_t number) const;
  /// Draws the image of a cell onto a black canvas [size, size].
  void draw(std::int64_t number, float* canvas) const;
  std::int64_t pixels() const { return pixels_; }

 private:
  std::vector<Sprite> sprites_;
  Cell counts_;
  std::int64_t pixels_;
  bool anti_aliased_;
};

/// Some cells of a grid, drawn on demand. The label is the shape, and the factors [N, 5] are whole
/// numbers, see SpriteGrid.
class SpriteSamples final : public Samples {
 public:
  /// @param cells [N] int64
  SpriteSamples(std::shared_ptr<const SpriteGrid> grid, Tensor cells);
  std::int64_t size() const override { return cells_.size(0); }
  std::vector<std::int64_t> event() const override { return {1, grid_->pixels(), grid_->pixels()}; }
  /// 128 images of 64x64 take about 0.2 ms, anti-aliased 0.8 ms.
  Tensor gather(const Tensor& index, torch::Device device) const override;

 private:
  std::shared_ptr<const SpriteGrid> grid_;
  Tensor cells_;
};

/// The cells of a grid in a random order that follows from split_seed, so that `limit` takes a fair
/// part of them; the first are the test split, the others the training split.
class SpritesDataset final : public Dataset {
 public:
  using Params = SpritesParams;
  explicit SpritesDataset(const Params& params);
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  const Params& params_;
  std::shared_ptr<const SpriteGrid> grid_;
};

}  // namespace varia::datasets
