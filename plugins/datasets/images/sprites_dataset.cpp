#include "images/sprites_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "shared/test_share.hpp"
#include "varia/device.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace {

constexpr double kTurn = 6.28318530717958647692;
constexpr double kRadius = 0.244;  // of the canvas: below the quarter that is left at every edge
constexpr std::int64_t kMostImages = 10'000'000;

enum Factor : std::size_t { kShape, kScale, kOrientation, kX, kY };

}  // namespace

void SpritesParams::check() const {
  DatasetParams::check();
  const auto& known = Sprite::shapes();
  if (shapes().empty()) fail(shapes, "expected one shape at least, found an empty list.");
  for (auto shape = shapes().begin(); shape != shapes().end(); ++shape) {
    if (std::ranges::find(known, *shape) == known.end())
      fail(shapes, "'" + *shape + "' is not a shape. " + suggestion(*shape, known));
    if (std::find(shapes().begin(), shape, *shape) != shape)
      fail(shapes, "'" + *shape + "' stands there twice.");
  }
  // Each factor is below 2000, so the product cannot overflow.
  const auto images = static_cast<std::int64_t>(shapes().size()) * scales() * orientations() *
                      positions() * positions();
  if (images > kMostImages) {
    fail(positions, "the grid has " + std::to_string(images) + " images, more than " +
                        std::to_string(kMostImages) +
                        ". Use fewer scales, orientations or positions.");
  }
  test_count(images, test);  // refuses one that leaves no image
}

SpriteGrid::SpriteGrid(const SpritesParams& params)
    : counts_{static_cast<std::int64_t>(params.shapes().size()), params.scales(),
              params.orientations(), params.positions(), params.positions()},
      pixels_(params.size()),
      anti_aliased_(params.anti_aliased()) {
  for (const auto& shape : params.shapes()) sprites_.emplace_back(shape);
}

std::int64_t SpriteGrid::size() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{1}, std::multiplies<>());
}

SpriteGrid::Cell SpriteGrid::cell(std::int64_t number) const {
  Cell cell{};
  for (std::size_t i = cell.size(); i-- > 0;) {
    cell[i] = number % counts_[i];
    number /= counts_[i];
  }
  return cell;
}

void SpriteGrid::draw(std::int64_t number, float* canvas) const {
  const auto at = cell(number);
  const auto index = [&at](Factor factor) { return static_cast<double>(at[factor]); };
  const auto count = [this](Factor factor) { return static_cast<double>(counts_[factor]); };
  const auto width = static_cast<double>(pixels_);
  const auto middle = [&](Factor axis) {
    return width / 4 + (index(axis) + 0.5) * width / (2 * count(axis));
  };
  const double scale = counts_[kScale] == 1 ? 1 : 0.5 + 0.5 * index(kScale) / (count(kScale) - 1);
  sprites_[static_cast<std::size_t>(at[kShape])].draw(
      {middle(kX), middle(kY), scale * kRadius * width,
       kTurn * index(kOrientation) / count(kOrientation)},
      anti_aliased_, pixels_, canvas);
}

namespace {

Annotations annotations_of(const SpriteGrid& grid, const Tensor& cells) {
  const auto count = cells.size(0);
  auto factors = at::empty({count, SpriteGrid::kFactors}, at::kFloat);
  auto* out = factors.data_ptr<float>();
  const auto* const number = cells.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i)
    for (const auto value : grid.cell(number[i])) *out++ = static_cast<float>(value);
  return {.bounds = Range{0, 1},
          .labels = cells.floor_divide(grid.size() / grid.counts()[kShape]),
          .factors = factors,
          .factor_names = {"shape", "scale", "orientation", "x", "y"}};
}

}  // namespace

SpriteSamples::SpriteSamples(std::shared_ptr<const SpriteGrid> grid, Tensor cells)
    : Samples(annotations_of(*grid, cells)), grid_(std::move(grid)), cells_(std::move(cells)) {}

Tensor SpriteSamples::gather(const Tensor& index, torch::Device device) const {
  const auto cells = cells_.index_select(0, index);
  const auto* const cell = cells.data_ptr<std::int64_t>();
  const auto count = cells.numel();
  const auto extent = grid_->pixels();
  auto result = at::zeros({count, 1, extent, extent}, at::kFloat);
  auto* const canvas = result.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) grid_->draw(cell[i], canvas + i * extent * extent);
  return to_device(result, device);
}

SpritesDataset::SpritesDataset(const Params& params)
    : params_(params), grid_(std::make_shared<const SpriteGrid>(params)) {}

std::shared_ptr<const Samples> SpritesDataset::load(std::string_view split) {
  const auto key = stream_key(static_cast<std::uint64_t>(params_.split_seed()), "order of sprites");
  const auto share = set_test_aside(Draw(key).permutation(grid_->size()), params_.test);
  const auto& cells = split == "train" ? share.train : share.test;
  return cells.numel() == 0 ? nullptr : std::make_shared<SpriteSamples>(grid_, cells);
}

std::string SpritesDataset::digest() { return "sprites 1"; }

}  // namespace varia::datasets
