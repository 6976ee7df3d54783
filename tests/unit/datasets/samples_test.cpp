#include "varia/samples.hpp"
#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::datasets::testing;
using Catch::Approx;

namespace {
Tensor some_bytes(at::IntArrayRef sizes) {
  return at::arange(c10::multiply_integers(sizes)).remainder(251).to(torch::kUInt8).reshape(sizes);
}
}  // namespace

TEST_CASE("images are gathered by index and divided by 255, exactly") {
  const auto bytes = some_bytes({7, 3, 5, 4});
  const MemorySamples samples(bytes);
  CHECK(samples.event() == std::vector<std::int64_t>{3, 5, 4});
  const auto index = torch::tensor({6, 0, 3, 3}, torch::kLong);
  const auto images = samples.gather(index, at::kCPU);
  CHECK(images.is_contiguous());
  const auto expected = bytes.index_select(0, index).to(torch::kDouble).div(255).to(torch::kFloat);
  CHECK(images.equal(expected));
  CHECK(samples.gather(at::arange(2, 5), at::kCPU)
            .equal(samples.gather(torch::tensor({2, 3, 4}, torch::kLong), at::kCPU)));
}

TEST_CASE("every layout of the memory gives the same images") {
  const auto plain = some_bytes({6, 3, 5, 4});
  const auto index = torch::tensor({5, 1}, torch::kLong);
  const auto expected = MemorySamples(plain).gather(index, at::kCPU);
  const auto channels_last = plain.permute({0, 2, 3, 1}).contiguous().permute({0, 3, 1, 2});
  const auto with_gaps = at::cat({plain, plain}, 3).slice(3, 0, 4);
  const auto repeated = plain.slice(0, 0, 1).expand({6, 3, 5, 4});
  CHECK(MemorySamples(channels_last).gather(index, at::kCPU).equal(expected));
  CHECK(MemorySamples(channels_last).gather(index, at::kCPU).is_contiguous());
  CHECK(MemorySamples(with_gaps).gather(index, at::kCPU).equal(expected));
  CHECK(MemorySamples(repeated)
            .gather(index, at::kCPU)
            .slice(0, 0, 1)
            .equal(MemorySamples(plain).gather(torch::tensor({0}, torch::kLong), at::kCPU)));
  const auto floats = plain.to(torch::kFloat).div(255.0F);
  CHECK(MemorySamples(floats).gather(index, at::kCPU).equal(expected));
}

TEST_CASE("if 1 stands for white, a higher value is an error") {
  auto bytes = at::zeros({2, 1, 2, 2}, torch::kUInt8);
  bytes.select(0, 0).fill_(1);
  bytes.select(0, 1).fill_(9);
  const MemorySamples samples(bytes, {}, 1);
  CHECK(samples.gather(torch::tensor({0}, torch::kLong), at::kCPU).eq(1).all().item<bool>());
  CHECK(contains(message_of([&] { samples.gather(torch::tensor({1}, torch::kLong), at::kCPU); }),
                 "image 1 has a pixel of 9"));
}

TEST_CASE("an index out of range, or labels that do not fit, are errors") {
  const auto bytes = some_bytes({3, 1, 2, 2});
  const MemorySamples samples(bytes);
  CHECK_THROWS_AS(samples.gather(torch::tensor({3}, torch::kLong), at::kCPU), Error);
  CHECK_THROWS_AS(samples.gather(torch::tensor({-1}, torch::kLong), at::kCPU), Error);
  CHECK_THROWS_AS(MemorySamples(bytes, {.labels = at::zeros({2}, torch::kLong)}), Error);
  CHECK_THROWS_AS(MemorySamples(bytes, {.labels = at::zeros({3}, torch::kFloat)}), Error);
  CHECK_THROWS_AS(MemorySamples(bytes, {.factors = at::zeros({3}, torch::kFloat)}), Error);
  CHECK_THROWS_AS(MemorySamples(bytes.flatten()), Error);
  CHECK_THROWS_AS(MemorySamples(bytes.to(torch::kDouble)), Error);
}

TEST_CASE("a subset has the images, labels and factors of its rows") {
  const auto all = std::make_shared<MemorySamples>(
      some_bytes({5, 1, 2, 2}),
      Annotations{.labels = at::arange(5),
                  .factors = at::arange(10).to(torch::kFloat).reshape({5, 2}),
                  .factor_names = {"x", "y"}});
  const SubsetSamples part(all, torch::tensor({4, 1}, torch::kLong));
  CHECK(part.size() == 2);
  CHECK(part.gather(torch::tensor({0}, torch::kLong), at::kCPU)
            .equal(all->gather(torch::tensor({4}, torch::kLong), at::kCPU)));
  CHECK(part.annotations().labels.equal(torch::tensor({4, 1}, torch::kLong)));
  CHECK(part.annotations().factors.equal(torch::tensor({8.0F, 9.0F, 2.0F, 3.0F}).reshape({2, 2})));
  CHECK(part.annotations().factor_names == std::vector<std::string>{"x", "y"});
}

TEST_CASE("a tensor over a file never reaches beyond its end") {
  const TemporaryFolder folder;
  write_file(folder / "a", "0123456789");
  const auto file = std::make_shared<const MappedFile>(folder / "a");
  CHECK(mapped_tensor(file, 4, {2, 3}).reshape(-1)[5].item<int>() == '9');
  CHECK_THROWS_AS(mapped_tensor(file, 5, {2, 3}), DataError);
  CHECK_THROWS_AS(mapped_tensor(file, 11, {1}), DataError);
  CHECK_THROWS_AS(mapped_tensor(file, 0, {std::int64_t{1} << 40, std::int64_t{1} << 40}),
                  DataError);
}

TEST_CASE("smaller images are means of areas") {
  const auto image = at::arange(24).to(torch::kFloat).reshape({1, 1, 4, 6});
  // Each new pixel covers 2 x 2 old ones.
  CHECK(resized(image, 2, 3).allclose(at::avg_pool2d(image, {2, 2})));
  // Thirds: the new pixels of [0, 1, 2, 3] cover 4/3 of an old one each.
  const auto row = at::arange(4).to(torch::kFloat).reshape({1, 1, 1, 4});
  const auto thirds = resized(row, 1, 3).reshape(-1);
  CHECK(thirds[0].item<float>() == Approx(0.25F));  // (0 + 1/3) / (4/3)
  CHECK(thirds[1].item<float>() == Approx(1.5F));
  CHECK(thirds[2].item<float>() == Approx(2.75F));
}

TEST_CASE("larger images are bilinear between pixel centres") {
  const auto image = at::arange(12).to(torch::kFloat).pow(2).reshape({1, 1, 3, 4});
  const auto expected = at::upsample_bilinear2d(image, {7, 9}, false);
  CHECK(resized(image, 7, 9).allclose(expected, 1e-5, 1e-5));
  CHECK(resized(image, 3, 4).equal(image));
}

TEST_CASE("one axis may shrink while the other grows, and a flat image stays flat") {
  const auto flat = at::full({2, 3, 28, 28}, 0.3F);
  CHECK(resized(flat, 9, 50).allclose(at::full({2, 3, 9, 50}, 0.3F)));
}

TEST_CASE(
    "a number that was not observed is of any domain, and a category is observed as a whole") {
  const auto counts = torch::tensor({{NAN, 3.0F}, {2.0F, NAN}});
  CHECK(is_of(Domain::count, counts, true));
  CHECK_FALSE(is_of(Domain::count, counts));
  CHECK_FALSE(is_of(Domain::count, torch::tensor({{NAN, -3.0F}}), true));
  CHECK_FALSE(is_of(Domain::unit, torch::tensor({{NAN, 1.5F}}), true));
  CHECK(is_of(Domain::real, torch::tensor({{NAN, -3.0F}}), true));
  const auto categories = torch::tensor({{NAN, NAN}, {0.0F, 1.0F}, {NAN, 0.0F}});
  CHECK(is_of(Domain::categorical, categories, true));
  CHECK_FALSE(is_of(Domain::categorical, torch::tensor({{NAN, NAN}, {1.0F, 1.0F}}), true));
}

TEST_CASE("a batch without labels says so") {
  const auto images = at::zeros({2, 3});
  Batch batch{.input = images, .target = images};
  CHECK(message_of<Error>([&] { labels_of(batch); }) ==
        "expected a split with labels; this one has none");
  batch.labels = at::zeros({2}, at::kLong);
  CHECK(labels_of(batch).is_same(batch.labels));
}
