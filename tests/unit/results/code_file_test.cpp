#include "results/code_file.hpp"

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

namespace {

TrialInfo trial_info() {
  TrialInfo trial;
  trial.id = "00a";
  trial.experiment = "e";
  trial.epochs_done = 7;
  return trial;
}

template <class T>
NamedTensor tensor_of(const std::string& name, ElementType type, std::vector<std::int64_t> shape,
                      const std::vector<T>& values) {
  NamedTensor tensor{name, type, std::move(shape), {}};
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  tensor.bytes.assign(bytes, bytes + values.size() * sizeof(T));
  return tensor;
}

/// Rows of a latent variable z of two dimensions and one c of three, without a deviation.
std::vector<NamedTensor> rows_of(std::int64_t images, float first, bool with_labels) {
  std::vector<float> z, deviation, c;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < images; ++i) {
    const float at = first + static_cast<float>(i);
    z.insert(z.end(), {at, -at});
    deviation.insert(deviation.end(), {at + 0.5F, 1});
    c.insert(c.end(), {at, 1, 0});
    labels.push_back(static_cast<std::int64_t>(at) % 10);
  }
  std::vector<NamedTensor> rows = {
      tensor_of("z_mean", ElementType::f32, {images, 2}, z),
      tensor_of("z_standard_deviation", ElementType::f32, {images, 2}, deviation),
      tensor_of("c_mean", ElementType::f32, {images, 3}, c)};
  if (with_labels) rows.push_back(tensor_of("labels", ElementType::i64, {images}, labels));
  return rows;
}

NamedTensor factors_of(const std::vector<float>& values) {
  return tensor_of("factors", ElementType::f32, {static_cast<std::int64_t>(values.size()), 1},
                   values);
}

}  // namespace

TEST_CASE("codes that came in parts stand in one data set for each split") {
  const TemporaryFolder folder;
  const auto path = folder / "out/codes.h5";
  {
    CodeFile file(path, "results/e.h5", trial_info());
    auto part = rows_of(3, 0, true);
    part.push_back(factors_of({1, 2, 3}));
    file.begin_split("train", 5, {{"factors", {"angle"}}, {"labels", {"a,b", "c \"d\"", "", " e"}}},
                     part);
    file.write_names({"a", "b", "c", "d", "é"});
    file.append(part);
    part = rows_of(2, 3, true);
    part.push_back(factors_of({4, 5}));
    file.append(part);
    file.begin_split("test", 2, {}, rows_of(2, 10, false));
    file.append(rows_of(2, 10, false));
    CHECK_FALSE(std::filesystem::exists(path));
    file.commit();
  }
  const auto root = hdf5::open_file(path);
  CHECK(hdf5::read_attribute<std::string>(root, "format") == "varia-codes");
  CHECK(hdf5::read_attribute<std::string>(root, "trial") == "00a");
  CHECK(hdf5::read_attribute<std::int64_t>(root, "epoch") == 7);
  const auto train = hdf5::open_group(root, "train");
  const auto mean = hdf5::open_dataset(train, "z_mean");
  CHECK(hdf5::shape_of(mean) == hdf5::Shape{5, 2});
  CHECK(hdf5::read<float>(mean) == std::vector<float>{0, 0, 1, -1, 2, -2, 3, -3, 4, -4});
  CHECK(hdf5::read<float>(hdf5::open_dataset(train, "z_standard_deviation"))[6] == 3.5F);
  CHECK(hdf5::shape_of(hdf5::open_dataset(train, "c_mean")) == hdf5::Shape{5, 3});
  CHECK_FALSE(hdf5::exists(train, "c_standard_deviation"));
  CHECK(hdf5::read<std::int64_t>(hdf5::open_dataset(train, "labels")) ==
        std::vector<std::int64_t>{0, 1, 2, 3, 4});
  const auto factors = hdf5::open_dataset(train, "factors");
  CHECK(hdf5::read<float>(factors) == std::vector<float>{1, 2, 3, 4, 5});
  CHECK(hdf5::read_attribute<std::string>(factors, "names") == "angle");
  CHECK(hdf5::read_attribute<std::string>(hdf5::open_dataset(train, "labels"), "names") ==
        R"("a,b","c ""d""",," e")");
  CHECK(hdf5::read_texts(hdf5::open_dataset(train, "names")) ==
        std::vector<std::string>{"a", "b", "c", "d", "é"});
  const auto test = hdf5::open_group(root, "test");
  CHECK_FALSE(hdf5::exists(test, "names"));
  CHECK_FALSE(hdf5::exists(test, "labels"));
  CHECK(hdf5::read<float>(hdf5::open_dataset(test, "c_mean"))[3] == 11);
}

TEST_CASE("codes that do not fit what was announced are refused, and no file is left") {
  const TemporaryFolder folder;
  const auto path = folder / "codes.h5";
  {
    CodeFile file(path, "results/e.h5", trial_info());
    file.begin_split("test", 3, {}, rows_of(2, 0, false));
    file.append(rows_of(2, 0, false));
    CHECK(contains(error_of([&] { file.append(rows_of(2, 2, false)); }), "do not fit"));
    CHECK(contains(error_of([&] { file.append(rows_of(1, 2, true)); }), "do not fit"));
    CHECK(contains(error_of([&] { file.write_names({"a", "b"}); }), "2 names for the 3 samples"));
    auto hostile = rows_of(1, 0, false);
    hostile[0].name = "../z_mean";
    CHECK(contains(error_of([&] { file.begin_split("train", 1, {}, hostile); }),
                   "codes '../z_mean'"));
  }
  CHECK(std::filesystem::is_empty(std::filesystem::path(path).parent_path()));
}
