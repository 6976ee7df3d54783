#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fixtures.hpp"
#include "images/sprites_dataset.hpp"
#include "support/catch.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
using Catch::Approx;

namespace {

constexpr double kPi = 3.14159265358979323846;

/// Whether a point is inside a shape at angle 0 within the unit circle: written down anew, point by
/// point. `slack` widens the shape.
bool is_inside(const std::string& shape, double x, double y, double slack = 0) {
  const auto in_disc = [&](double u, double v, double r) {
    return std::hypot(x - u, y - v) <= r + slack;
  };
  if (shape == "square") return std::max(std::abs(x), std::abs(y)) <= std::sqrt(0.5) + slack;
  if (shape == "ellipse") return std::hypot(x / (1 + slack), y / (2 / kPi + slack)) <= 1;
  // The tip of the heart is at (0, -1); the square on it has its middle half a diagonal above.
  const double side = (3 * std::sqrt(2.0) - 2) / 2;
  const double middle = side / std::sqrt(2.0) - 1;
  const double lobe = side / std::sqrt(8.0);  // the middle of an upper side, from the square's
  return std::abs(x) + std::abs(y - middle) <= side / std::sqrt(2.0) + slack * std::sqrt(2.0) ||
         in_disc(lobe, middle + lobe, side / 2) || in_disc(-lobe, middle + lobe, side / 2);
}

bool is_inside(const std::string& shape, const Sprite::Place& place, double column, double row,
               double slack = 0) {
  const double right = (column - place.x) / place.radius;
  const double up = (place.y - row) / place.radius;
  const double cosine = std::cos(place.angle);
  const double sine = std::sin(place.angle);
  return is_inside(shape, cosine * right + sine * up, -sine * right + cosine * up, slack);
}

Tensor drawn(const std::string& shape, const Sprite::Place& place, bool anti_aliased,
             std::int64_t size = 64) {
  auto image = at::zeros({size, size});
  Sprite(shape).draw(place, anti_aliased, size, image.data_ptr<float>());
  return image;
}

Value map_of(const std::vector<std::pair<std::string, std::string>>& given) {
  auto map = Value::map();
  for (const auto& [key, text] : given) map.set(key, Value::scalar(text, false, {"x.yaml", 4, 2}));
  return map;
}

struct Sprites {
  explicit Sprites(const Value& given) {
    params.load(given, {nullptr, "dataset sprites", {"x.yaml", 1, 1}, 0});
    data.emplace(params);
  }
  std::shared_ptr<const Samples> load(const char* split) { return data->load(split); }
  Splits splits() { return make_splits(*data, params); }
  SpritesParams params;
  std::optional<SpritesDataset> data;
};

/// The numbers of the cells of some samples.
std::vector<std::int64_t> cells(const Samples& samples, const std::vector<std::int64_t>& counts) {
  const auto factors = samples.annotations().factors;
  auto number = at::zeros({samples.size()}, torch::kLong);
  for (std::size_t i = 0; i < counts.size(); ++i)
    number = number * counts[i] + factors.select(1, static_cast<std::int64_t>(i)).to(torch::kLong);
  const auto* const data = number.data_ptr<std::int64_t>();
  return {data, data + number.numel()};
}

Tensor all(const Samples& samples) { return samples.gather(at::arange(samples.size()), at::kCPU); }

/// Of the full grid.
Tensor image_of(const SpriteGrid& grid, const SpriteGrid::Cell& cell) {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < cell.size(); ++i) number = number * grid.counts()[i] + cell[i];
  auto image = at::zeros({grid.pixels(), grid.pixels()});
  grid.draw(number, image.data_ptr<float>());
  return image;
}

}  // namespace

TEST_CASE("a pixel is white if its centre is inside the shape") {
  for (const auto& shape : Sprite::shapes())
    for (const double radius : {15.6, 9.36, 7.8, 3.1})
      for (int turn = 0; turn < 40; ++turn) {
        const Sprite::Place place{31.5 + turn % 3, 30.25, radius, 2 * kPi * turn / 40};
        const auto image = drawn(shape, place, false);
        int wrong = 0;
        for (std::int64_t row = 0; row < 64; ++row)
          for (std::int64_t column = 0; column < 64; ++column) {
            const bool white = image[row][column].item<float>() == 1;
            const double x = static_cast<double>(column) + 0.5;
            const double y = static_cast<double>(row) + 0.5;
            // Either answer is right for a middle that is on the border but for rounding.
            if (is_inside(shape, place, x, y, -1e-9) == is_inside(shape, place, x, y, 1e-9))
              wrong += white != is_inside(shape, place, x, y);
          }
        INFO(shape << " " << radius << " " << turn);
        CHECK(wrong == 0);
      }
}

TEST_CASE("the area of an anti-aliased shape is that of its formula") {
  const std::map<std::string, double> truth{
      {"square", 2.0}, {"ellipse", 2.0}, {"heart", 2.2448870079}};
  for (const auto& shape : Sprite::shapes()) {
    CHECK(Sprite(shape).area() == Approx(truth.at(shape)).epsilon(1e-9));
    for (int turn = 0; turn < 7; ++turn) {
      const Sprite::Place place{32.3, 31.1, 15.6, 0.9 * turn};
      const double area = truth.at(shape) * 15.6 * 15.6;
      const auto grey = drawn(shape, place, true);
      CHECK(grey.min().item<float>() == 0);
      CHECK(grey.max().item<float>() == 1);
      // Lines an eighth of a pixel apart: at most one too few or too many of 176.
      CHECK(grey.sum().item<double>() == Approx(area).epsilon(1.0 / 176));
      // A pixel of the border is wrong by a quarter or so, in either direction.
      CHECK(drawn(shape, place, false).sum().item<double>() == Approx(area).epsilon(0.03));
    }
  }
}

TEST_CASE("a grey pixel is the part of it that is covered") {
  // Against 64 x 64 points in every pixel.
  for (const auto& shape : Sprite::shapes()) {
    const Sprite::Place place{8.2, 7.7, 6.3, 0.4};
    const auto image = drawn(shape, place, true, 16);
    double worst = 0;
    for (int row = 0; row < 16; ++row)
      for (int column = 0; column < 16; ++column) {
        int inside = 0;
        for (int i = 0; i < 64 * 64; ++i)
          inside +=
              is_inside(shape, place, column + (i % 64 + 0.5) / 64, row + (i / 64 + 0.5) / 64);
        worst = std::max(worst, std::abs(image[row][column].item<double>() - inside / 4096.0));
      }
    INFO(shape);
    CHECK(worst < 1.0 / 16);  // half of a line
  }
}

TEST_CASE(
    "a square looks the same after a quarter turn, an ellipse after half, a heart after none") {
  Sprites sprites(map_of({}));
  const SpriteGrid grid(sprites.params);
  const auto same = [&grid](std::int64_t shape, std::int64_t a, std::int64_t b) {
    return image_of(grid, {shape, 4, a, 9, 20}).equal(image_of(grid, {shape, 4, b, 9, 20}));
  };
  for (std::int64_t turn = 0; turn < 40; ++turn) {
    CHECK(same(0, turn, (turn + 10) % 40));
    CHECK(same(1, turn, (turn + 20) % 40));
    CHECK_FALSE(same(0, turn, (turn + 1) % 40));
    CHECK_FALSE(same(1, turn, (turn + 10) % 40));
    for (std::int64_t other = 0; other < turn; ++other) CHECK_FALSE(same(2, turn, other));
  }
}

TEST_CASE("a heart stands on its tip, and turns counter-clockwise") {
  const auto upright = drawn("heart", {32, 32, 15.6, 0}, false);
  CHECK(upright.equal(upright.flip({1})));
  CHECK(upright.slice(0, 40, 64).sum().item<float>() < upright.slice(0, 0, 24).sum().item<float>());
  // Turned left, the tip, which was below, points to the right.
  const auto left = drawn("heart", {32, 32, 15.6, kPi / 2}, false);
  CHECK(left.equal(upright.rot90(1)));
  CHECK(left[32][46].item<float>() == 1);
}

TEST_CASE("the sprites of dSprites: 737,280 images of five factors, a pixel apart") {
  Sprites sprites(map_of({{"test", "0"}}));
  const auto samples = sprites.load("train");
  CHECK(samples->size() == 737'280);
  CHECK(sprites.load("test") == nullptr);
  CHECK(samples->event() == std::vector<std::int64_t>{1, 64, 64});
  CHECK(samples->annotations().factor_names ==
        std::vector<std::string>{"shape", "scale", "orientation", "x", "y"});
  const auto factors = samples->annotations().factors;
  CHECK(std::get<0>(factors.max(0)).equal(torch::tensor({2.0F, 5.0F, 39.0F, 31.0F, 31.0F})));
  CHECK(std::get<0>(factors.min(0)).equal(at::zeros({5})));
  CHECK(factors.select(1, 0).to(torch::kLong).equal(samples->annotations().labels));
  const auto numbers = cells(*samples, {3, 6, 40, 32, 32});
  CHECK(std::set<std::int64_t>(numbers.begin(), numbers.end()).size() == 737'280);

  const SpriteGrid grid(sprites.params);
  const auto at_home = image_of(grid, {2, 3, 7, 10, 12});
  CHECK(image_of(grid, {2, 3, 7, 11, 12}).equal(at_home.roll(1, 1)));
  CHECK(image_of(grid, {2, 3, 7, 10, 17}).equal(at_home.roll(5, 0)));
}

TEST_CASE("an image has the factors that are told of it") {
  Sprites sprites(map_of({{"scales", "3"}, {"orientations", "10"}, {"positions", "8"}}));
  const auto samples = sprites.load("train");
  const auto images = all(*samples);
  const auto factors = samples->annotations().factors;
  CHECK((images.eq(0) | images.eq(1)).all().item<bool>());
  for (std::int64_t i = 0; i < samples->size(); i += 97) {
    const auto factor = [&](int k) { return factors[i][k].item<double>(); };
    const auto& shape = Sprite::shapes()[static_cast<std::size_t>(factor(0))];
    const Sprite::Place place{16 + 32 * (factor(3) + 0.5) / 8, 16 + 32 * (factor(4) + 0.5) / 8,
                              (0.5 + 0.25 * factor(1)) * 0.244 * 64, 2 * kPi * factor(2) / 10};
    CHECK(images[i][0].equal(drawn(shape, place, false)));
  }
}

TEST_CASE("nothing is cut off at the edge") {
  for (const auto* const size : {"64", "32"}) {
    Sprites sprites(map_of({{"size", size}, {"anti_aliased", "true"}}));
    const SpriteGrid grid(sprites.params);
    for (std::int64_t shape = 0; shape < 3; ++shape)
      for (std::int64_t turn = 0; turn < 40; ++turn)
        for (const std::int64_t place : {0, 31}) {
          const auto image = image_of(grid, {shape, 5, turn, place, place});
          // A shape that ended at the edge would not have its whole area.
          const auto radius = 0.244 * static_cast<double>(grid.pixels());
          const auto area = Sprite(Sprite::shapes()[static_cast<std::size_t>(shape)]).area();
          CHECK(image.sum().item<double>() == Approx(area * radius * radius).epsilon(0.015));
        }
  }
}

TEST_CASE("train and test are disjoint, cover the grid, and follow from split_seed") {
  const std::vector<std::pair<std::string, std::string>> given{
      {"scales", "2"}, {"orientations", "4"}, {"positions", "6"}, {"test", "0.25"}};
  Sprites sprites(map_of(given));
  const std::vector<std::int64_t> counts{3, 2, 4, 6, 6};
  const auto train = cells(*sprites.load("train"), counts);
  const auto test = cells(*sprites.load("test"), counts);
  CHECK(test.size() == 216);
  CHECK(train.size() == 648);
  std::set<std::int64_t> both(train.begin(), train.end());
  both.insert(test.begin(), test.end());
  CHECK(both.size() == 864);
  CHECK(cells(*sprites.load("train"), counts) == train);
  const auto order = Draw(stream_key(0, "order of sprites")).permutation(864);
  for (std::int64_t i = 0; i < 864; ++i)
    CHECK((i < 216 ? test.at(i) : train.at(i - 216)) == order[i].item<std::int64_t>());
  auto other = given;
  other.emplace_back("split_seed", "1");
  CHECK(cells(*Sprites(map_of(other)).load("test"), counts) != test);
}

TEST_CASE("limit takes a fair part of the grid") {
  auto splits = Sprites(map_of({{"limit", "6000"}})).splits();
  CHECK(splits.train.size() == 6000);
  CHECK(splits.test->size() == 6000);
  CHECK(splits.spec.classes == 3);
  // Means of uniform factors: deviations below five standard errors.
  const std::vector<double> counts{3, 6, 40, 32, 32};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double n = counts[i];
    const double error = std::sqrt((n * n - 1) / 12 / 6000);
    const auto column = splits.train.factors().select(1, static_cast<std::int64_t>(i));
    CHECK(column.mean().item<double>() == Approx((n - 1) / 2).margin(5 * error));
  }
}

TEST_CASE("any part of the grid may be asked for") {
  auto map = map_of({{"scales", "1"}, {"orientations", "1"}, {"positions", "1"}, {"test", "0"}});
  map.set("shapes", Value::list({Value::text("heart"), Value::text("square")}));
  Sprites sprites(map);
  const auto samples = sprites.load("train");
  REQUIRE(samples->size() == 2);
  const auto images = all(*samples);
  for (std::int64_t i = 0; i < 2; ++i) {
    const auto* const shape =
        samples->annotations().labels[i].item<std::int64_t>() == 0 ? "heart" : "square";
    CHECK(images[i][0].equal(drawn(shape, {32, 32, 0.244 * 64, 0}, false)));
  }
}

TEST_CASE("a grid that cannot be is an error at its place") {
  const auto error = [](const Value& given) {
    return message_of<ConfigError>([&] { Sprites sprites(given); });
  };
  const auto shapes = [](const std::vector<std::string>& names) {
    auto list = Value::list({}, {"x.yaml", 4, 2});
    for (const auto& name : names) list.push(Value::text(name));
    auto map = Value::map();
    map.set("shapes", list);
    return map;
  };
  CHECK(
      contains(error(shapes({"hart"})),
               "x.yaml:4:2: dataset sprites: shapes: 'hart' is not a shape. Did you mean 'heart'"));
  CHECK(contains(error(shapes({"heart", "heart"})), "shapes: 'heart' stands there twice."));
  CHECK(contains(error(shapes({})), "shapes: expected one shape at least"));
  CHECK(contains(error(map_of({{"positions", "256"}})),
                 "positions: the grid has 47185920 images, more than 10000000"));
  CHECK(contains(error(map_of({{"scales", "1"}, {"orientations", "1"}, {"positions", "1"}})),
                 "test: 0.1 of 3 samples leaves none for the test"));
}
