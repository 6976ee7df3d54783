#include "results/merged/results.hpp"

#include "hdf5/hdf5.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

namespace {

/// Changes an attribute of the root, as another program would.
void set_version(const std::string& path, std::int64_t version) {
  const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  const hdf5::Handle attribute(H5Aopen(file, "version", H5P_DEFAULT));
  REQUIRE(H5Awrite(attribute, H5T_NATIVE_INT64, &version) >= 0);
}

}  // namespace

TEST_CASE("a results file of another version is refused by reader and merge") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 1);
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  set_version(folder / "m.h5", 2);
  const std::string before = bytes_of(folder / "m.h5");
  const std::string read = error_of([&] { open_results(folder / "m.h5"); });
  INFO(read);
  CHECK(contains(read, "has version 2 of the format varia-results"));
  CHECK(contains(read, "this program knows version 1"));
  const std::string merged = error_of([&] {
    merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  });
  INFO(merged);
  CHECK(contains(merged, "has version 2"));
  CHECK(contains(merged, "move it away"));
  CHECK(bytes_of(folder / "m.h5") == before);
}

TEST_CASE("a trial file of another version is neither read nor replaced") {
  const TemporaryFolder folder;
  TrialFile(folder / "a.h5", header_of("a")).commit();
  set_version(folder / "a.h5", 7);
  // What other versions write before the HDF5 part is not known.
  std::string bytes = bytes_of(folder / "a.h5");
  bytes.replace(bytes.find("varia-trial 1"), 13, "varia-trial 7");
  write_bytes(folder / "a.h5", bytes);
  const std::string expected = "has version 7 of the format varia-trial";
  CHECK(contains(error_of([&] { read_trial_info(folder / "a.h5"); }), expected));
  CHECK(contains(error_of([&] { write_trial(folder / "a.h5", header_of("a"), 1); }), expected));
  CHECK(bytes_of(folder / "a.h5") == bytes);
}

TEST_CASE("names and places that are not there are named in the error") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 1);
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  const Results results = open_results(folder / "m.h5");
  CHECK(contains(error_of([&] { results.metric("test/elbow"); }),
                 "has no metric 'test/elbow'. It has: test/elbo test/kl_per_dim_z train/loss"));
  CHECK(contains(error_of([&] { results.final_values("test/kl_per_dim_z"); }), "is an array"));
  CHECK(contains(error_of([&] { results.step_values("train_loss", 1); }), "no trial 1"));
  CHECK_THROWS_AS(results.metric("test/elbo", 0, 2), varia::StoreError);
}
