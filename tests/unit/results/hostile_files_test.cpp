#include <sys/stat.h>

#include <functional>
#include <memory>

#include "hdf5/attribute.hpp"
#include "hdf5/hdf5.hpp"
#include "results/merged/check_merged.hpp"
#include "results/merged/results.hpp"
#include "results/tensors.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

namespace {

const std::vector<std::function<void(const std::string&)>> kReaders = {
    [](const std::string& path) { read_trial(path); },
    [](const std::string& path) { read_trial_header(path); },
    [](const std::string& path) { read_trial_info(path); },
    [](const std::string& path) { read_merged_trials(path); },
    [](const std::string& path) { open_results(path); },
    [](const std::string& path) { load_tensors(path); }};

/// A trial, results and tensors, one file each.
std::vector<std::string> write_good_files(const TemporaryFolder& folder) {
  TrialFile file(working(folder / "a.h5"), header_of("a"));
  for (int epoch = 1; epoch <= 3; ++epoch) file.append(record_of(epoch));
  file.add_picture("samples", {}, picture_of(1, 30, 30));
  file.add_points("plane", points_of(1, 5));
  file.publish(TrialState::done, "", folder / "a.h5", true);
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  save_tensors(folder / "w.h5",
               {{"w", ElementType::f32, {64}, std::vector<std::byte>(256, std::byte{1})}});
  return {folder / "a.h5", folder / "m.h5", folder / "w.h5"};
}

}  // namespace

TEST_CASE("files of another kind are an error, not a crash") {
  const TemporaryFolder folder;
  write_bytes(folder / "text.h5", "name: quickstart\n");
  write_bytes(folder / "empty.h5", "");
  write_bytes(folder / "zeros.h5", std::string(100000, '\0'));
  write_bytes(folder / "signature.h5", "\x89HDF\r\n\x1a\n");
  std::filesystem::create_directory(folder / "folder.h5");
  REQUIRE(mkfifo((folder / "pipe.h5").c_str(), 0600) == 0);
  for (const auto& read : kReaders) {
    for (const char* name : {"text.h5", "empty.h5", "zeros.h5", "signature.h5"}) {
      const std::string message = error_of([&] { read(folder / name); });
      INFO(message);
      CHECK(contains(message, folder / name));
      CHECK(contains(message, "cannot be opened as HDF5"));
    }
    CHECK(contains(error_of([&] { read(folder / "none.h5"); }), "No such file"));
    CHECK(contains(error_of([&] { read(folder / "folder.h5"); }), "is a folder"));
    CHECK(contains(error_of([&] { read(folder / "pipe.h5"); }), "is not a regular file"));
  }
}

TEST_CASE("an HDF5 file of other content says that it is not the right one") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  CHECK(contains(error_of([&] { open_results(files[0]); }), "its format is 'varia-trial'"));
  CHECK(contains(error_of([&] { read_trial(files[1]); }), "its format is 'varia-results'"));
  { const hdf5::Handle file(H5Fcreate((folder / "x.h5").c_str(), H5F_ACC_TRUNC, 0, 0)); }
  CHECK(contains(error_of([&] { open_results(folder / "x.h5"); }), "does not say its format"));
  {
    const hdf5::Object file{hdf5::Handle(H5Fcreate((folder / "y.h5").c_str(), H5F_ACC_TRUNC, 0, 0)),
                            std::make_shared<const hdf5::File>(), "/"};
    hdf5::write_attribute(file, "format", std::string("diary"));
  }
  const std::string other = error_of([&] { read_trial(folder / "y.h5"); });
  CHECK(contains(other, "its format is not one of Varia's"));
  CHECK_FALSE(contains(other, "diary"));
  CHECK(contains(error_of([&] {
                   merge(experiment_info(), {{"a", files[0]}}, folder / "x.h5");
                 }),
                 "move it away"));
}

TEST_CASE("a truncated file is an error at every length", "[slow]") {
  const TemporaryFolder folder;
  for (const std::string& path : write_good_files(folder)) {
    const std::string bytes = bytes_of(path);
    for (std::size_t length = 0; length < bytes.size(); length += 97) {
      write_bytes(folder / "cut.h5", bytes.substr(0, length));
      for (const auto& read : kReaders) {
        CHECK_THROWS_AS(read(folder / "cut.h5"), varia::StoreError);
      }
    }
  }
}

TEST_CASE("data sets of wrong type or shape are refused before anything is allocated") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  const auto replace_in_file = [&](const std::string& path, const std::string& name, hid_t type,
                                   std::vector<hsize_t> shape) {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    REQUIRE(H5Ldelete(file, name.c_str(), H5P_DEFAULT) >= 0);
    const hdf5::Handle space(
        H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const hdf5::Handle create(H5Pcreate(H5P_DATASET_CREATE));
    std::vector<hsize_t> chunk(shape.size(), 1);
    H5Pset_chunk(create, static_cast<int>(chunk.size()), chunk.data());
    const hdf5::Handle dataset(
        H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, create, H5P_DEFAULT));
    REQUIRE(dataset.valid());
  };
  const auto replace = [&](const std::string& path, const std::string& name, hid_t type,
                           const std::vector<hsize_t>& shape) {
    replace_in_file(path, name, type, shape);
    seal(path);
  };
  const hsize_t huge = hsize_t{1} << 39;
  const hsize_t absurd = hsize_t{1} << 60;
  SECTION("a table of absurd length") {
    replace(files[0], "table", H5T_IEEE_F64LE, {absurd, 6});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "/table: an axis is absurdly long"));
  }
  SECTION("a table too large to be read") {
    replace(files[0], "table", H5T_IEEE_F64LE, {huge, 6});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "/table: too large"));
  }
  SECTION("a table of text") {
    replace(files[0], "table", H5T_C_S1, {3, 6});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "/table: its type"));
  }
  SECTION("columns that are numbers") {
    replace(files[0], "columns", H5T_STD_I64LE, {3, 5});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "/columns"));
  }
  SECTION("a picture of one axis") {
    replace(files[0], "views/samples/000000", H5T_STD_U8LE, {900});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "it is no picture"));
  }
  SECTION("trials of another length") {
    replace(files[1], "trials/seed", H5T_STD_U64LE, {2});
    CHECK(contains(error_of([&] { open_results(files[1]); }), "/trials/seed"));
  }
  SECTION("ids that are numbers") {
    replace(files[1], "trials/id", H5T_STD_U64LE, {1});
    CHECK(contains(error_of([&] { open_results(files[1]); }), "/trials/id: its type"));
  }
  SECTION("a trial axis that is huge") {
    replace(files[1], "trial", H5T_STD_I64LE, {huge});
    CHECK(contains(error_of([&] { open_results(files[1]); }), "/trial: too large"));
  }
  SECTION("a table that was never written") {
    replace(files[0], "table", H5T_IEEE_F64LE, {3, 6});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "/table: its values are missing"));
    CHECK(contains(error_of([&] {
                     merge(experiment_info(), {{"a", files[0]}}, folder / "n.h5");
                   }),
                   "/table: its values are missing"));
  }
  SECTION("a metric that was never written") {
    replace(files[1], "metrics/test/elbo", H5T_IEEE_F64LE, {1, 3});
    const auto results = open_results(files[1]);
    const auto missing = "metrics/test/elbo: its values are missing";
    CHECK(contains(error_of([&] { results.metric("test/elbo"); }), missing));
    CHECK(contains(error_of([&] { results.metric("test/elbo", 0, 1); }), missing));
    CHECK(contains(error_of([&] {
                     check_merged(open_results(files[1]), {{"a", files[0]}});
                   }),
                   missing));
  }
  SECTION("a picture that was never written") {
    replace(files[0], "views/samples/000000", H5T_STD_U8LE, {900, 900});
    CHECK(contains(error_of([&] { read_trial(files[0]); }), "its values are missing"));
  }
  SECTION("schedules, seconds and points of other axes") {
    replace(files[1], "schedules/loss.beta", H5T_IEEE_F64LE, {1});
    replace(files[1], "timing/seconds", H5T_IEEE_F64LE, {1, 3, 2});
    replace(files[1], "points/plane", H5T_IEEE_F32LE, {1, 1, 5, 1});
    const auto results = open_results(files[1]);
    CHECK(contains(error_of([&] { results.schedule("loss.beta", 0, 1); }), "/loss.beta: expected"));
    CHECK(contains(error_of([&] { results.seconds(0, 1); }), "/timing/seconds: expected"));
    CHECK(contains(error_of([&] { results.point_sets("plane", 0); }), "its points have 1 axes"));
  }
  SECTION("tensors that the file does not hold") {
    replace(files[2], "tensors/w", H5T_IEEE_F32LE, {huge});
    CHECK(
        contains(error_of([&] { load_tensors(files[2]); }), "/tensors/w: its values are missing"));
  }
  SECTION("tensors of another type") {
    replace(files[2], "tensors/w", H5T_STD_I16LE, {4});
    CHECK(contains(error_of([&] { load_tensors(files[2]); }), "its type is none of"));
  }
}

TEST_CASE("epochs without values are refused, whatever curves they have") {
  const TemporaryFolder folder;
  const std::string path = write_good_files(folder)[0];
  {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const auto replace = [&](const char* name, hid_t type, hsize_t rows, hsize_t columns) {
      REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
      const hsize_t shape[] = {rows, columns};
      const hdf5::Handle space(H5Screate_simple(2, shape, nullptr));
      const hdf5::Handle dataset(
          H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      REQUIRE(dataset.valid());
    };
    replace("columns", H5T_C_S1, 0, 6);
    replace("table", H5T_IEEE_F64LE, 3, 0);
  }
  seal(path);
  const std::string expected = "/table: its epochs have no values";
  CHECK(contains(error_of([&] { read_trial(path); }), expected));
  CHECK(contains(error_of([&] { TrialFile::resume(path, path, header_of("a"), 3); }), expected));
  CHECK(contains(error_of([&] {
                   merge(experiment_info(), {{"a", path}}, folder / "n.h5");
                 }),
                 expected));
}

TEST_CASE("a merged file that claims more values than are read at once is refused") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  const std::string& path = files[1];
  const hsize_t side = GENERATE(hsize_t{1} << 27, hsize_t{1} << 20);
  const std::vector<hsize_t> shape = {1, 3, side, side == hsize_t{1} << 20 ? side : 1};
  {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    REQUIRE(H5Ldelete(file, "metrics/test/elbo", H5P_DEFAULT) >= 0);
    const hdf5::Handle space(H5Screate_simple(4, shape.data(), nullptr));
    const hdf5::Handle create(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t chunk[] = {1, 1, 1024, 1};
    H5Pset_chunk(create, 4, chunk);
    const hdf5::Handle dataset(H5Dcreate2(file, "metrics/test/elbo", H5T_IEEE_F64LE, space,
                                          H5P_DEFAULT, create, H5P_DEFAULT));
    REQUIRE(dataset.valid());
  }
  seal(path);
  const std::string message = error_of([&] {
    check_merged(open_results(path), {{"a", files[0]}});
  });
  INFO(message);
  CHECK(contains(message, path));
  CHECK(contains(message, "has too many values"));
  CHECK_THROWS_AS(merge(experiment_info(), {{"a", ""}}, path), varia::StoreError);
}

TEST_CASE("arrays whose common shape is too large to be read back are not merged") {
  const TemporaryFolder folder;
  constexpr std::int64_t kLong = std::int64_t{1} << 20;
  const auto write = [&](const std::string& id, const std::vector<std::int64_t>& shape) {
    TrialFile file(working(folder / (id + ".h5")), header_of(id));
    auto record = record_of(1);
    record.metrics["test"]["m"] = {shape, std::vector<double>(kLong, 1)};
    file.append(record);
    file.publish(TrialState::done, "", folder / (id + ".h5"), true);
  };
  write("a", {1, kLong});
  write("b", {kLong, 1});
  const auto message = error_of([&] {
    merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  });
  INFO(message);
  CHECK(contains(message,
                 "m.h5: with room for the shapes that all trials have of "
                 "metrics/test/m, one trial takes more than"));
  CHECK_FALSE(std::filesystem::exists(folder / "m.h5"));
}

TEST_CASE("a results file that reaches outside itself is refused, and nothing outside is opened") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  write_bytes(folder / "secret", std::string(4096, 's'));
  // Whoever opens it waits for ever.
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const std::string outside = folder / GENERATE("secret", "pipe");
  struct Place {
    std::size_t file;
    std::string name;
    hid_t type;
    std::vector<hsize_t> shape;
  };
  const auto place = GENERATE_COPY(
      Place{0, "table", H5T_IEEE_F64LE, {3, 6}}, Place{0, "config", H5T_C_S1, {1}},
      Place{0, "views/samples/000000", H5T_STD_U8LE, {30, 30}},
      Place{0, "points/plane/000000_label", H5T_STD_I64LE, {5}},
      Place{1, "trials/seed", H5T_STD_U64LE, {1}}, Place{1, "trials/id", H5T_C_S1, {1}},
      Place{1, "parameters/loss.beta", H5T_IEEE_F64LE, {1}},
      Place{2, "tensors/w", H5T_IEEE_F32LE, {64}});
  const std::string path = files[place.file];
  const auto change = [&](const auto& how) {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    REQUIRE(H5Ldelete(file, place.name.c_str(), H5P_DEFAULT) >= 0);
    const auto rank = static_cast<int>(place.shape.size());
    how(file, hdf5::Handle(H5Screate_simple(rank, place.shape.data(), nullptr)),
        hdf5::Handle(H5Pcreate(H5P_DATASET_CREATE)));
  };
  const auto create = [&](hid_t file, hid_t space, hid_t plan) {
    const hdf5::Handle dataset(
        H5Dcreate2(file, place.name.c_str(), place.type, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    REQUIRE(dataset.valid());
  };
  const bool is_link = GENERATE(true, false);
  if (is_link) {
    change([&](hid_t file, hid_t, hid_t) {
      REQUIRE(H5Lcreate_external(outside.c_str(), "/x", file, place.name.c_str(), H5P_DEFAULT,
                                 H5P_DEFAULT) >= 0);
    });
  } else if (GENERATE(true, false)) {
    change([&](hid_t file, hid_t space, hid_t plan) {
      REQUIRE(H5Pset_external(plan, outside.c_str(), 0, H5F_UNLIMITED) >= 0);
      create(file, space, plan);
    });
  } else {
    change([&](hid_t file, hid_t space, hid_t plan) {
      REQUIRE(H5Pset_virtual(plan, space, outside.c_str(), "/x", space) >= 0);
      create(file, space, plan);
    });
  }
  seal(path);
  const std::string message = error_of([&] {
    if (place.file == 0) read_trial(path);
    if (place.file == 1) open_results(path);
    if (place.file == 2) load_tensors(path);
  });
  INFO(message);
  CHECK(contains(message, path));
  CHECK(contains(message, is_link ? "is a link into " + outside : "its values lie in other files"));
}

TEST_CASE("names that no one could have given are refused where they are read") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  const auto rename = [&](const std::string& path, const std::string& from, const std::string& to) {
    {
      const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      REQUIRE(H5Lmove(file, from.c_str(), file, to.c_str(), H5P_DEFAULT, H5P_DEFAULT) >= 0);
    }
    seal(path);
  };
  const auto message = [&](const std::string& path) {
    return error_of([&] {
      path == files[0] ? static_cast<void>(read_trial(path))
                       : static_cast<void>(open_results(path));
    });
  };
  const std::string odd = GENERATE("..", "a\nb", "\x1b[31m", "<b>");
  const auto [file, group, name] =
      GENERATE(table<std::size_t, std::string, std::string>({{0, "views", "samples"},
                                                             {0, "points", "plane"},
                                                             {0, "steps", "train_loss"},
                                                             {1, "views", "samples"},
                                                             {1, "metrics", "test"},
                                                             {1, "metrics/test", "elbo"},
                                                             {1, "parameters", "loss.beta"},
                                                             {1, "schedules", "loss.beta"}}));
  rename(files[file], group + "/" + name, group + "/" + odd);
  INFO(group);
  CHECK(contains(message(files[file]), "cannot be stored"));
}

TEST_CASE("filters and types that Varia does not write are refused before HDF5 looks for them") {
  const TemporaryFolder folder;
  const std::vector<std::string> files = write_good_files(folder);
  const auto replace_table = [&](hid_t type, const std::vector<H5Z_filter_t>& filters) {
    {
      const hdf5::Handle file(H5Fopen(files[0].c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      REQUIRE(H5Ldelete(file, "table", H5P_DEFAULT) >= 0);
      const hsize_t shape[] = {3, 6};
      const hdf5::Handle space(H5Screate_simple(2, shape, nullptr));
      const hdf5::Handle plan(H5Pcreate(H5P_DATASET_CREATE));
      H5Pset_chunk(plan, 2, shape);
      for (const H5Z_filter_t filter : filters)
        REQUIRE(H5Pset_filter(plan, filter, H5Z_FLAG_OPTIONAL, 0, nullptr) >= 0);
      const hdf5::Handle dataset(
          H5Dcreate2(file, "table", type, space, H5P_DEFAULT, plan, H5P_DEFAULT));
      REQUIRE(dataset.valid());
    }
    seal(files[0]);
    return error_of([&] { read_trial(files[0]); });
  };
  CHECK(contains(replace_table(H5T_IEEE_F64LE, {32000}), "the filter 32000"));
  CHECK(contains(replace_table(H5T_IEEE_F64LE, {H5Z_FILTER_NBIT}), "the filter 5"));
  CHECK(contains(replace_table(H5T_IEEE_F64LE, {H5Z_FILTER_SHUFFLE, H5Z_FILTER_SHUFFLE}),
                 "the filter 2"));
  const hdf5::Handle list(H5Tvlen_create(H5T_IEEE_F64LE));
  const hdf5::Handle record(H5Tcreate(H5T_COMPOUND, 8));
  REQUIRE(H5Tinsert(record, "x", 0, H5T_IEEE_F64LE) >= 0);
  for (const hid_t type :
       {hid_t{list}, hid_t{record}, hid_t{H5T_STD_REF_OBJ}, hid_t{H5T_STD_B64LE}})
    CHECK(contains(replace_table(type, {}), "/table: its type"));
}
