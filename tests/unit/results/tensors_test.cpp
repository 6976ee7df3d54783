#include "results/tensors.hpp"

#include <algorithm>
#include <span>

#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

namespace {

template <class T>
NamedTensor tensor_of(const std::string& name, ElementType type, std::vector<std::int64_t> shape,
                      const std::vector<T>& values) {
  NamedTensor tensor{name, type, std::move(shape),
                     std::vector<std::byte>(values.size() * sizeof(T))};
  std::ranges::copy(std::as_bytes(std::span(values)), tensor.bytes.begin());
  return tensor;
}

}  // namespace

TEST_CASE("tensors read back in order, with type and shape") {
  const TemporaryFolder folder;
  const std::string path = folder / "models/t.h5";
  const std::vector<NamedTensor> tensors = {
      tensor_of<float>("z.weight", ElementType::f32, {2, 3}, {1, 2, 3, 4, 5, -0.5F}),
      tensor_of<double>("a.bias", ElementType::f64, {1}, {1e300}),
      tensor_of<std::int64_t>("steps", ElementType::i64, {}, {-7}),
      tensor_of<std::uint8_t>("mask", ElementType::u8, {4}, {0, 1, 255, 3}),
      tensor_of<float>("none", ElementType::f32, {0, 5}, {})};
  save_tensors(path, tensors);
  save_tensors(path, tensors);
  const std::vector<NamedTensor> back = load_tensors(path);
  REQUIRE(back.size() == tensors.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    CHECK(back[i].name == tensors[i].name);
    CHECK(back[i].type == tensors[i].type);
    CHECK(back[i].shape == tensors[i].shape);
    CHECK((back[i].bytes == tensors[i].bytes));
  }
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("tensors that cannot be stored are refused") {
  const TemporaryFolder folder;
  const NamedTensor good = tensor_of<float>("w", ElementType::f32, {2}, {1, 2});
  NamedTensor short_one = good;
  short_one.bytes.pop_back();
  CHECK(contains(error_of([&] {
                   save_tensors(folder / "t.h5", {good, good});
                 }),
                 "two tensors have the name 'w'"));
  CHECK(contains(error_of([&] { save_tensors(folder / "t.h5", {short_one}); }),
                 "7 bytes do not fill the shape [2]"));
  CHECK(folder.files().empty());
}

TEST_CASE("parameters of another trial are refused by both ids; a file that names none is taken") {
  const TemporaryFolder folder;
  const NamedTensor weight = tensor_of<float>("w", ElementType::f32, {2}, {1, 2});
  save_tensors(folder / "named.h5", {weight}, "", "0123456789abcdef");
  save_tensors(folder / "older.h5", {weight});
  CHECK(load_tensors(folder / "named.h5", "0123456789abcdef").size() == 1);
  CHECK(load_tensors(folder / "older.h5", "fedcba9876543210").size() == 1);
  // A model may start with the parameters of any trial.
  CHECK(load_tensors(folder / "named.h5").size() == 1);
  const auto error = error_of([&] { load_tensors(folder / "named.h5", "fedcba9876543210"); });
  CHECK(contains(error,
                 "named.h5: has the parameters of the trial 0123456789abcdef, and those of "
                 "the trial fedcba9876543210 are asked for"));
}

TEST_CASE("a file of another kind is no file of tensors") {
  const TemporaryFolder folder;
  write_trial(folder / "t.h5", header_of("t"), 1);
  CHECK(contains(error_of([&] { load_tensors(folder / "t.h5"); }), "its format is 'varia-trial'"));
  CHECK(contains(error_of([&] { load_tensors(folder / "no.h5"); }), "No such file"));
  save_tensors(folder / "w.h5", {});
  CHECK(load_tensors(folder / "w.h5").empty());
  CHECK_THROWS_AS(read_trial(folder / "w.h5"), varia::StoreError);
}
