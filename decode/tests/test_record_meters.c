/* SPDX-License-Identifier: MIT
 * Application data of real meters, as published with the tests of wmbusmeters (names of its kinds of
 * meters in front), and the readings in them that wmbusmeters confirms, under the names they have
 * here. Other readings of the same payloads are not compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decode/tests/record_text.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof(a)[0])

/* clang-format off */
static const struct { const char *kind, *payload, *readings; } rows[] = {
    { "fhkvdataiv",
      "2f2f036e020000436e190000426c9f2c83046e00000082046c7f2a8d04ee1f1e72fe0000000000000000000000"
      "00000000000000000000000000030016002f2f",
      "consumption_hca=2;consumption_storage_1_hca=25;time_point_storage_1_date=2020-12-31;time_p"
      "oint_storage_8_date=2019-10-31;time_point_profile_storage_9_date=2019-11-30;time_point_pro"
      "file_storage_10_date=2019-12-31;time_point_profile_storage_11_date=2020-01-31;time_point_p"
      "rofile_storage_12_date=2020-02-29;time_point_profile_storage_13_date=2020-03-31;time_point"
      "_profile_storage_14_date=2020-04-30;time_point_profile_storage_15_date=2020-05-31;time_poi"
      "nt_profile_storage_16_date=2020-06-30;time_point_profile_storage_17_date=2020-07-31;time_p"
      "oint_profile_storage_18_date=2020-08-31;time_point_profile_storage_19_date=2020-09-30;time"
      "_point_profile_storage_20_date=2020-10-31;consumption_profile_storage_21_hca=3;time_point_"
      "profile_storage_21_date=2020-11-30;consumption_profile_storage_22_hca=25;time_point_profil"
      "e_storage_22_date=2020-12-31" },
    { "waterstarm",
      "046d392dd7290413901a000002fd17000001fd481d426cbf2c4413d312000084011399190000c4011384180000"
      "8402130c180000c40213ec16000084031395150000c40313e3140000840413bd130000c404134c130000840513"
      "d3120000c4051322120000840613af110000c4061397100000840713d00f0000c40713890e0000840813980c00"
      "00",
      "time_point_datetime=2022-09-23 13:57;volume_m3=6.8;voltage_v=2.9;time_point_storage_1_date"
      "=2021-12-31;volume_storage_1_m3=4.819;volume_storage_2_m3=6.553;volume_storage_3_m3=6.276;"
      "volume_storage_4_m3=6.156;volume_storage_5_m3=5.868;volume_storage_6_m3=5.525;volume_stora"
      "ge_7_m3=5.347;volume_storage_8_m3=5.053;volume_storage_9_m3=4.94;volume_storage_10_m3=4.81"
      "9;volume_storage_11_m3=4.642;volume_storage_12_m3=4.527;volume_storage_13_m3=4.247;volume_"
      "storage_14_m3=4.048;volume_storage_15_m3=3.721;volume_storage_16_m3=3.224" },
    { "aventieshca",
      "2f2f0b6e660100426ea60082016ea600c2016e9e0082026e7e00c2026e5b0082036e4200c2036e770182046e5b"
      "01c2046e4c0182056e4701c2056e3e0182066e3b01c2066e3b0182076e3b01c2076e3b0182086e1301c2086e9c"
      "0002fd170000",
      "consumption_hca=166;consumption_storage_1_hca=166;consumption_storage_2_hca=166;consumptio"
      "n_storage_3_hca=158;consumption_storage_4_hca=126;consumption_storage_5_hca=91;consumption"
      "_storage_6_hca=66;consumption_storage_7_hca=375;consumption_storage_8_hca=347;consumption_"
      "storage_9_hca=332;consumption_storage_10_hca=327;consumption_storage_11_hca=318;consumptio"
      "n_storage_12_hca=315;consumption_storage_13_hca=315;consumption_storage_14_hca=315;consump"
      "tion_storage_15_hca=315;consumption_storage_16_hca=275;consumption_storage_17_hca=156" },
    { "rfmamb",
      "2f2f02652b0842652f088201659e0722652b0812653208626573075265c40702fb1a660142fb1a69018201fb1a"
      "710122fb1a660112fb1a6d0162fb1a6f0152fb1a7201066d3b3b284932002f2f2f2f2f",
      "external_temperature_c=20.91;external_temperature_storage_1_c=20.95;external_temperature_s"
      "torage_2_c=19.5;min_external_temperature_c=20.91;max_external_temperature_c=20.98;min_exte"
      "rnal_temperature_storage_1_c=19.07;max_external_temperature_storage_1_c=19.88;relative_hum"
      "idity_rh=35.8;relative_humidity_storage_1_rh=36.1;relative_humidity_storage_2_rh=36.9;min_"
      "relative_humidity_rh=35.8;max_relative_humidity_rh=36.5;min_relative_humidity_storage_1_rh"
      "=36.7;max_relative_humidity_storage_1_rh=37" },
    { "qheat_55_us",
      "02740400046d2a0fe2210c0600080600446d3b17df2c4c069106060084016d3b17df2c8c010691060600cc0106"
      "227005008c020667430500cc0206122505008c030612180500cc0306821305008c040636090500cc0406080505"
      "008c050660960400cc0506597304008c060600410400cc0606790504008c0706936303003c22000000000f0010"
      "00",
      "time_point_datetime=2023-01-02 15:42;energy_kwh=60800;time_point_storage_1_datetime=2022-1"
      "2-31 23:59;energy_storage_1_kwh=60691;time_point_storage_2_datetime=2022-12-31 23:59;energ"
      "y_storage_2_kwh=60691;energy_storage_3_kwh=57022;energy_storage_4_kwh=54367;energy_storage"
      "_5_kwh=52512;energy_storage_6_kwh=51812;energy_storage_7_kwh=51382;energy_storage_8_kwh=50"
      "936;energy_storage_9_kwh=50508;energy_storage_10_kwh=49660;energy_storage_11_kwh=47359;ene"
      "rgy_storage_12_kwh=44100;energy_storage_13_kwh=40579;energy_storage_14_kwh=36393" },
    { "uiws",
      "2f2f046d22484136041301000000441300000080820f6c4136840f13010000008d0f93132e34fe000000000000"
      "008000000080000000800000008000000080000000800000008000000080000000800000008002fd1728000259"
      "340702656c07",
      "time_point_datetime=2026-06-01 08:34;volume_m3=0.001;time_point_storage_30_date=2026-06-01"
      ";volume_storage_30_m3=0.001;time_point_inverse_profile_storage_31_date=2026-05-01;time_poi"
      "nt_inverse_profile_storage_32_date=2026-04-01;time_point_inverse_profile_storage_33_date=2"
      "026-03-01;time_point_inverse_profile_storage_34_date=2026-02-01;time_point_inverse_profile"
      "_storage_35_date=2026-01-01;time_point_inverse_profile_storage_36_date=2025-12-01;time_poi"
      "nt_inverse_profile_storage_37_date=2025-11-01;time_point_inverse_profile_storage_38_date=2"
      "025-10-01;time_point_inverse_profile_storage_39_date=2025-09-01;time_point_inverse_profile"
      "_storage_40_date=2025-08-01;flow_temperature_c=18.44;external_temperature_c=19" },
    { "qualcosonic",
      "046d2301e122346d0000010134fd17000000000420097468020424de736802048e3bf1190000048e3c00000000"
      "041323860100042b6e050000043b2500000002598016025d000a0261800c0c780210482984086d3b17ff218408"
      "8e3bed19000084088e3c00000000",
      "time_point_datetime=2023-02-01 01:35;error_time_point_datetime=2000-01-01 00:00;on_time_h="
      "11222.189167;operating_time_h=11222.177222;energy_forward_kwh=1844.722222;volume_m3=99.875"
      ";power_kw=1.39;volume_flow_m3h=0.037;flow_temperature_c=57.6;return_temperature_c=25.6;tem"
      "perature_difference_c=32;fabrication_no=29481002;time_point_storage_16_datetime=2023-01-31"
      " 23:59;energy_forward_storage_16_kwh=1843.611111" },
    { "ei6500",
      "0bfd0f070101046d0007d82502fd17000082206cd825426cd0238440ff2c420f11008250fd61010082506cd825"
      "8260fd6101008360fd3101000082606cd8258270fd61020082706cd825",
      "software_version=010107;time_point_datetime=2022-05-24 07:00;time_point_tariff_2_date=2022"
      "-05-24;time_point_storage_1_date=2022-03-16;cumulation_tariff_1_subunit_1_counter=1;time_p"
      "oint_tariff_1_subunit_1_date=2022-05-24;cumulation_tariff_2_subunit_1_counter=1;tariff_dur"
      "ation_tariff_2_subunit_1_h=0.016667;time_point_tariff_2_subunit_1_date=2022-05-24;cumulati"
      "on_tariff_3_subunit_1_counter=2;time_point_tariff_3_subunit_1_date=2022-05-24" },
    { "caltose",
      "2f2f0b6e250200426c41314b6e99000082046c41328b046e0302008d04ee132c3bfe9900005200001000000000"
      "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff2f2f2f2f",
      "consumption_hca=225;time_point_storage_1_date=2026-01-01;consumption_storage_1_hca=99;time"
      "_point_storage_8_date=2026-02-01;consumption_storage_8_hca=203;consumption_inverse_profile"
      "_storage_9_hca=99;time_point_inverse_profile_storage_9_date=2026-01-01;consumption_inverse"
      "_profile_storage_10_hca=52;time_point_inverse_profile_storage_10_date=2025-12-01;consumpti"
      "on_inverse_profile_storage_11_hca=10;time_point_inverse_profile_storage_11_date=2025-11-01"
      ";time_point_inverse_profile_storage_12_date=2025-10-01" },
    { "lansenrp",
      "2f2f04fd3a946709008240fd3a600002fd0f9500818040fd3a0084c040fd3a8838000042fd3a28008201fd3a8c"
      "05c101fd3a7f8202fd3a3804066d35122efb2b0002fd46d00c",
      "dimensionless_counter=616340;dimensionless_subunit_1_counter=96;software_version=0095;dime"
      "nsionless_subunit_3_counter=14472;dimensionless_storage_1_counter=40;dimensionless_storage"
      "_2_counter=1420;dimensionless_storage_4_counter=1080;time_point_datetime=2023-11-27 14:18:"
      "53;voltage_v=3.28" },
    { "c5isf",
      "2f2f0406050200008410069a1700000413bc6f2e00840406e701000082046c2131841406c20b000082146c2131"
      "043b00000000042d0000000002595d09025d240802fd17000084800106050200008280016c213c948001ae2501"
      "000000849001069a1700008290016c213c849001ae25000000002f2f2f2f2f2f2f2f2f2f2f2f",
      "energy_kwh=517;energy_tariff_1_kwh=6042;volume_m3=3043.26;energy_storage_8_kwh=487;time_po"
      "int_storage_8_date=2025-01-01;time_point_storage_8_tariff_1_date=2025-01-01;flow_temperatu"
      "re_c=23.97;return_temperature_c=20.84;energy_storage_32_kwh=517;time_point_storage_32_date"
      "=2025-12-01;max_power_per_month_storage_32_kw=1;energy_storage_32_tariff_1_kwh=6042;time_p"
      "oint_storage_32_tariff_1_date=2025-12-01" },
    { "kamwater",
      "04ff23000000000413aeac0000441364a80000426c812a023b000092013bef01a2013b000006ff1b0670000970"
      "00a1015b0c91015b14a1016713",
      "volume_m3=44.206;volume_storage_1_m3=43.108;time_point_storage_1_date=2020-10-01;max_volum"
      "e_flow_storage_2_m3h=0.495;min_flow_temperature_storage_2_c=12;max_flow_temperature_storag"
      "e_2_c=20;min_external_temperature_storage_2_c=19" },
    { "kampress",
      "22696600126967000269660005ff091954a33a05ff0a99bd823a02fd170800",
      "min_pressure_bar=1.02;max_pressure_bar=1.03;pressure_bar=1.02" },
    { "topaseskr",
      "2f2f01fd08040c13991848004c1359423500cc101300000000cc201359423500426c7f2c0b3b00000002fd74da"
      "10025ad300c4016d3b179f27cc011387124600",
      "access_counter=4;volume_m3=481.899;volume_storage_1_m3=354.259;volume_storage_1_tariff_2_m"
      "3=354.259;time_point_storage_1_date=2019-12-31;remaining_battery_life_y=11.811331;flow_tem"
      "perature_c=21.1;time_point_storage_3_datetime=2020-07-31 23:59;volume_storage_3_m3=461.287" },
    { "evo868",
      "2f2f041356850000046d0a340b3c04fd17000000000e786858000000004413d0620000426cff2c8401137a8300"
      "0082016c1e3bd3013bcf0200c4016d09210e338104fd280182046c1e3b8404137a830000c40413be7e00008405"
      "131a7b0000c405136b7600008406132a700000c40613ed6a00008407130f690000c40713536800008408136e67"
      "0000c40813ee65000084091330640000c40913d0620000",
      "volume_m3=34.134;time_point_datetime=2024-12-11 20:10;fabrication_no=000000005868;volume_s"
      "torage_1_m3=25.296;time_point_storage_1_date=2023-12-31;volume_storage_2_m3=33.658;time_po"
      "int_storage_2_date=2024-11-30;max_volume_flow_storage_3_m3h=0.719;time_point_storage_3_dat"
      "etime=2024-03-14 01:09;time_point_storage_8_date=2024-11-30;volume_storage_8_m3=33.658;vol"
      "ume_storage_9_m3=32.446;volume_storage_10_m3=31.514;volume_storage_11_m3=30.315;volume_sto"
      "rage_12_m3=28.714;volume_storage_13_m3=27.373;volume_storage_14_m3=26.895;volume_storage_1"
      "5_m3=26.707;volume_storage_16_m3=26.478;volume_storage_17_m3=26.094;volume_storage_18_m3=2"
      "5.648;volume_storage_19_m3=25.296" },
    { "em24",
      "2f2f04050100000004fb82750000000004fb82f53c00000000042a0000000004fb140000000004fb943c000000"
      "0004fdd9fc010000000004fdd9fc020000000004fdd9fc030000000004fdc8fc011709000004fdc8fc02ec0400"
      "0004fdc8fc03ec04000002fb2ef40101fd17002f2f2f",
      "energy_kwh=0.1;voltage_l1_v=232.7;voltage_l2_v=126;voltage_l3_v=126;frequency_hz=50" },
    { "lse_08",
      "82046c7f018b046e210300046d1a0e6f0202fdac7e012301fd0c01",
      "time_point_storage_8_date=2003-01-31;consumption_storage_8_hca=321;time_point_datetime=200"
      "3-02-15 14:26;duration_since_readout_future_h=2.489167;model_version=01" },
    { "qheatv2",
      "0c05682235004c0580253200426cdf2ccc080525153500c2086cfe24326cffff046d1811f225",
      "energy_kwh=35226.8;energy_storage_1_kwh=32258;time_point_storage_1_date=2022-12-31;energy_"
      "storage_17_kwh=35152.5;time_point_storage_17_date=2023-04-30;time_point_datetime=2023-05-1"
      "8 17:24" },
    { "hydrocalm4",
      "046d2daa153a0c03000000000c13000000008c4013999900008c804013888800000f6403000000000000",
      "time_point_datetime=2024-10-21 10:45;volume_subunit_1_m3=9.999;volume_subunit_2_m3=8.888" },
    { "kadenwater",
      "2f2f02fd1700000d780830303031323239310412cb6f0e00041258000000023b0000123b5b0304740000000004"
      "7400000000046d270c5e362f2f2f2f2f2f2f2f",
      "fabrication_no=19221000;volume_m3=94.6123;volume_m3_2=0.0088;max_volume_flow_m3h=0.859;tim"
      "e_point_datetime=2026-06-30 12:39" },
    { "hydrus",
      "2f2f0374111a000c13917213008c1013000000008c2013917213000b3b0000000b26784601025af5000266ef00"
      "046d1b08b7214c1338861200cc101300000000cc201338861200426c9f2c42ec7ebf2c",
      "actuality_duration_s=6673;volume_m3=137.291;volume_tariff_2_m3=137.291;operating_time_h=14"
      "678;flow_temperature_c=24.5;external_temperature_c=23.9;time_point_datetime=2021-01-23 08:"
      "27;volume_storage_1_m3=128.638;volume_storage_1_tariff_2_m3=128.638;time_point_storage_1_d"
      "ate=2020-12-31" },
    { "qualcosonic",
      "046d030fb726346d0000010134fd170000000004200f13cf0104240f13cf0104863b0000000004863cdc000000"
      "0413b5150600042b86f1ffff043b030200000259c002025d2c05026194fd0c780864010384086d3b17bf258408"
      "863b000000008408863c0b000000",
      "time_point_datetime=2021-06-23 15:03;error_time_point_datetime=2000-01-01 00:00;on_time_h="
      "8430.013056;operating_time_h=8430.013056;energy_backward_kwh=220;volume_m3=398.773;power_k"
      "w=-3.706;volume_flow_m3h=0.515;flow_temperature_c=7.04;return_temperature_c=13.24;temperat"
      "ure_difference_c=-6.2;fabrication_no=03016408;time_point_storage_16_datetime=2021-05-31 23"
      ":59;energy_backward_storage_16_kwh=11" },
    { "kamwater",
      "02ff207100041308190000441308190000615b7f616713",
      "volume_m3=6.408;volume_storage_1_m3=6.408;min_flow_temperature_storage_1_c=127;min_externa"
      "l_temperature_storage_1_c=19" },
    { "kamheat",
      "040e2d0a000004ff07f8ff000004ff08401801000413c1900500844014000000008480401400000000043bed00"
      "00000259bc06025dcd07142de7ffffff84100e0000000084200e0000000004ff2200000000026c9228440e5f03"
      "00004413960d0200c4401400000000c480401400000000426c8128",
      "energy_kwh=723.611111;volume_m3=364.737;volume_flow_m3h=0.237;flow_temperature_c=17.24;ret"
      "urn_temperature_c=19.97;max_power_kw=-2.5;time_point_date=2020-08-18;energy_storage_1_kwh="
      "239.722222;volume_storage_1_m3=134.55;time_point_storage_1_date=2020-08-01" },
    { "hydrocalm4",
      "046d29aa153a0c03000000000c13000000008c1003050000008c1013040000000f6401000000000000",
      "time_point_datetime=2024-10-21 10:41;energy_tariff_1_kwh=0.005;volume_tariff_1_m3=0.004" },
    { "itron",
      "0413fd110000066d2c1aa1d521004413300f0000426cbf2c047f0000060c027f862a0e79678372082100",
      "volume_m3=4.605;time_point_datetime=2022-01-21 01:26:44;volume_storage_1_m3=3.888;time_poi"
      "nt_storage_1_date=2021-12-31;enhanced_id=002108728367" },
    { "waterstarm",
      "2f2f046d282a9e2704136a00000002fd17400004933c000000002f2f2f2f2f2f03fd0c08000002fd0b0011",
      "time_point_datetime=2020-07-30 10:40;volume_m3=0.106;model_version=000008;parameter_set=11"
      "00" },
    { "sharky",
      "2f2f0c06975100008c1006000000000c13849345000c2b000000000b3b0000000a5a06020a5e08020a6202f00b"
      "26110201cc020623500000cc021329554400c2026cdf2c2f2f2f2f2f2f2f2f2f2f2f2f",
      "energy_kwh=5197;volume_m3=459.384;flow_temperature_c=20.6;return_temperature_c=20.8;temper"
      "ature_difference_c=-0.2;operating_time_h=10211;energy_storage_5_kwh=5023;volume_storage_5_"
      "m3=445.529;time_point_storage_5_date=2022-12-31" },
    { "amiplus",
      "2f2f066dde5e150d39800c78840809550afdc9fc0139028e30833c0000000000008e20833c0000000000008e10"
      "833c4301000000000babc8fc100000008e10035336420200008e20030000000000008e30030000000000000b2b"
      "9502000bab3c0000002f2f2f2f2f2f2f2f2f2f2f2f2f",
      "voltage_l1_v=239;energy_backward_tariff_1_kwh=0.143;energy_tariff_1_kwh=2423.653;power_kw="
      "0.295" },
    { "abbb23",
      "0e840017495200000004ffa0150000000004ffa1150000000004ffa2150000000004ffa3150000000007ffa600"
      "000000000000000007ffa700000000000000000007ffa800000000000000000007ffa90000000000000000000d"
      "fd8e0007302e38322e31420dffaa000b3030312d313131203332421f",
      "energy_kwh=5249.17;firmware_version=B1.28.0" },
    { "amiplus",
      "2f2f066d37090e2232050c78266408000afdc9fc0142020afdc9fc0240020afdc9fc0338028e30833c00000000"
      "00008e20833c0000000000008e10833c0000000000000babc8fc100000008e10030750030000008e2003537906"
      "0000008e30030000000000000b2b1307000bab3c0000002f2f2f2f2f2f2f2f2f2f2f2f2f2f2f2f",
      "voltage_l1_v=242;voltage_l2_v=240;voltage_l3_v=238;energy_tariff_1_kwh=35.007;energy_tarif"
      "f_2_kwh=67.953;power_kw=0.713" },
    { "sensostar",
      "2f2f046d25248a2b04063d1f000001fd17000415265f00004406131f0000840106901e0000c40106841e000084"
      "0206841e0000c402067a1e0000840306541e0000c40306021e00008404069e1d0000c40406d71c0000840506f2"
      "1b0000c40506681a00008406061e190000c40606eb1700008407061c170000c40706ee1600002f2f2f2f2f2f2f"
      "2f2f2f2f2f2f2f2f2f",
      "time_point_datetime=2020-11-10 04:37;energy_kwh=7997;volume_m3=2435.8;energy_storage_1_kwh"
      "=7955;energy_storage_2_kwh=7824;energy_storage_3_kwh=7812;energy_storage_4_kwh=7812;energy"
      "_storage_5_kwh=7802;energy_storage_6_kwh=7764;energy_storage_7_kwh=7682;energy_storage_8_k"
      "wh=7582;energy_storage_9_kwh=7383;energy_storage_10_kwh=7154;energy_storage_11_kwh=6760;en"
      "ergy_storage_12_kwh=6430;energy_storage_13_kwh=6123;energy_storage_14_kwh=5916;energy_stor"
      "age_15_kwh=5870" },
    { "gransystems",
      "046d0813bc21040300000000841003000000008420030000000084300300000000848010030000000084016d00"
      "00bc218401030000000084110300000000842103000000008431030000000084811003000000008440fd482509"
      "0000848040fd480000000084c040fd48000000008440fd5b00000000848040fd5b0000000084c040fd5b000000"
      "0002fb2d881304fd1702000101",
      "time_point_datetime=2021-01-28 19:08;time_point_storage_2_datetime=2021-01-28 00:00;voltag"
      "e_subunit_1_v=234.1;frequency_hz=50" },
    { "sontex868",
      "046d040a9f2a036e770000426ce1f7436e660000525900008288016c61258388016e0000008d8801ee1e3533fe"
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000005ff2d0000803f8520ff2d0000803f0259ad0a0265d8041259ad0a8310fd3100000082106c0101"
      "8110fd610082206c9f2a0bfd0f01030102ff2c000002fd66ac08",
      "time_point_datetime=2020-10-31 10:04;consumption_hca=119;consumption_storage_1_hca=102;flo"
      "w_temperature_c=27.33;external_temperature_c=12.4;max_flow_temperature_c=27.33" },
};
/* clang-format on */

/* Whether "name=value" is one of the readings in "name=value;name=value". */
static bool has_reading(const char *text, const char *reading, size_t n)
{
    for (const char *at = text; at; at = strchr(at, ';')) {
        at += *at == ';';
        if (strncmp(at, reading, n) == 0 && (at[n] == ';' || !at[n]))
            return true;
    }
    return false;
}

static void test_meters(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        enum decode_status status;
        const char *text = text_of_hex(rows[r].payload, &status);
        assert_int_equal(status, DECODE_OK);
        for (const char *at = rows[r].readings; at && *at;) {
            size_t n = strcspn(at, ";");
            if (!has_reading(text, at, n))
                print_message("%s: no %.*s in %s\n", rows[r].kind, (int)n, at, text);
            assert_true(has_reading(text, at, n));
            at = at[n] ? at + n + 1 : NULL;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
