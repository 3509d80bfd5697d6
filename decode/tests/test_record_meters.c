/* SPDX-License-Identifier: MIT
 * Application data of real meters, as published with the tests of wmbusmeters (names of its kinds
 * of meters in front), and the readings in them that wmbusmeters confirms, under the names they
 * have here. Other readings of the same payloads are not compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/record_text.h"

/* clang-format off */
static const struct { const char *kind, *payload, *readings; } rows[] = {
    { "fhkvdataiv",
      "2F2F036E020000436E190000426C9F2C83046E00000082046C7F2A8D04EE1F1E72FE0000000000000000000000"
      "00000000000000000000000000030016002F2F",
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
      "046D392DD7290413901A000002FD17000001FD481D426CBF2C4413D312000084011399190000C4011384180000"
      "8402130C180000C40213EC16000084031395150000C40313E3140000840413BD130000C404134C130000840513"
      "D3120000C4051322120000840613AF110000C4061397100000840713D00F0000C40713890E0000840813980C00"
      "00",
      "time_point_datetime=2022-09-23 13:57;volume_m3=6.8;voltage_v=2.9;time_point_storage_1_date"
      "=2021-12-31;volume_storage_1_m3=4.819;volume_storage_2_m3=6.553;volume_storage_3_m3=6.276;"
      "volume_storage_4_m3=6.156;volume_storage_5_m3=5.868;volume_storage_6_m3=5.525;volume_stora"
      "ge_7_m3=5.347;volume_storage_8_m3=5.053;volume_storage_9_m3=4.94;volume_storage_10_m3=4.81"
      "9;volume_storage_11_m3=4.642;volume_storage_12_m3=4.527;volume_storage_13_m3=4.247;volume_"
      "storage_14_m3=4.048;volume_storage_15_m3=3.721;volume_storage_16_m3=3.224" },
    { "aventieshca",
      "2F2F0B6E660100426EA60082016EA600C2016E9E0082026E7E00C2026E5B0082036E4200C2036E770182046E5B"
      "01C2046E4C0182056E4701C2056E3E0182066E3B01C2066E3B0182076E3B01C2076E3B0182086E1301C2086E9C"
      "0002FD170000",
      "consumption_hca=166;consumption_storage_1_hca=166;consumption_storage_2_hca=166;consumptio"
      "n_storage_3_hca=158;consumption_storage_4_hca=126;consumption_storage_5_hca=91;consumption"
      "_storage_6_hca=66;consumption_storage_7_hca=375;consumption_storage_8_hca=347;consumption_"
      "storage_9_hca=332;consumption_storage_10_hca=327;consumption_storage_11_hca=318;consumptio"
      "n_storage_12_hca=315;consumption_storage_13_hca=315;consumption_storage_14_hca=315;consump"
      "tion_storage_15_hca=315;consumption_storage_16_hca=275;consumption_storage_17_hca=156" },
    { "rfmamb",
      "2F2F02652B0842652F088201659E0722652B0812653208626573075265C40702FB1A660142FB1A69018201FB1A"
      "710122FB1A660112FB1A6D0162FB1A6F0152FB1A7201066D3B3B284932002F2F2F2F2F",
      "external_temperature_c=20.91;external_temperature_storage_1_c=20.95;external_temperature_s"
      "torage_2_c=19.5;min_external_temperature_c=20.91;max_external_temperature_c=20.98;min_exte"
      "rnal_temperature_storage_1_c=19.07;max_external_temperature_storage_1_c=19.88;relative_hum"
      "idity_rh=35.8;relative_humidity_storage_1_rh=36.1;relative_humidity_storage_2_rh=36.9;min_"
      "relative_humidity_rh=35.8;max_relative_humidity_rh=36.5;min_relative_humidity_storage_1_rh"
      "=36.7;max_relative_humidity_storage_1_rh=37" },
    { "qheat_55_us",
      "02740400046D2A0FE2210C0600080600446D3B17DF2C4C069106060084016D3B17DF2C8C010691060600CC0106"
      "227005008C020667430500CC0206122505008C030612180500CC0306821305008C040636090500CC0406080505"
      "008C050660960400CC0506597304008C060600410400CC0606790504008C0706936303003C22000000000F0010"
      "00",
      "time_point_datetime=2023-01-02 15:42;energy_kwh=60800;time_point_storage_1_datetime=2022-1"
      "2-31 23:59;energy_storage_1_kwh=60691;time_point_storage_2_datetime=2022-12-31 23:59;energ"
      "y_storage_2_kwh=60691;energy_storage_3_kwh=57022;energy_storage_4_kwh=54367;energy_storage"
      "_5_kwh=52512;energy_storage_6_kwh=51812;energy_storage_7_kwh=51382;energy_storage_8_kwh=50"
      "936;energy_storage_9_kwh=50508;energy_storage_10_kwh=49660;energy_storage_11_kwh=47359;ene"
      "rgy_storage_12_kwh=44100;energy_storage_13_kwh=40579;energy_storage_14_kwh=36393" },
    { "uiws",
      "2F2F046D22484136041301000000441300000080820F6C4136840F13010000008D0F93132E34FE000000000000"
      "008000000080000000800000008000000080000000800000008000000080000000800000008002FD1728000259"
      "340702656C07",
      "time_point_datetime=2026-06-01 08:34;volume_m3=0.001;time_point_storage_30_date=2026-06-01"
      ";volume_storage_30_m3=0.001;time_point_inverse_profile_storage_31_date=2026-05-01;time_poi"
      "nt_inverse_profile_storage_32_date=2026-04-01;time_point_inverse_profile_storage_33_date=2"
      "026-03-01;time_point_inverse_profile_storage_34_date=2026-02-01;time_point_inverse_profile"
      "_storage_35_date=2026-01-01;time_point_inverse_profile_storage_36_date=2025-12-01;time_poi"
      "nt_inverse_profile_storage_37_date=2025-11-01;time_point_inverse_profile_storage_38_date=2"
      "025-10-01;time_point_inverse_profile_storage_39_date=2025-09-01;time_point_inverse_profile"
      "_storage_40_date=2025-08-01;flow_temperature_c=18.44;external_temperature_c=19" },
    { "qualcosonic",
      "046D2301E122346D0000010134FD17000000000420097468020424DE736802048E3BF1190000048E3C00000000"
      "041323860100042B6E050000043B2500000002598016025D000A0261800C0C780210482984086D3B17FF218408"
      "8E3BED19000084088E3C00000000",
      "time_point_datetime=2023-02-01 01:35;error_time_point_datetime=2000-01-01 00:00;on_time_h="
      "11222.189167;operating_time_h=11222.177222;energy_forward_kwh=1844.722222;volume_m3=99.875"
      ";power_kw=1.39;volume_flow_m3h=0.037;flow_temperature_c=57.6;return_temperature_c=25.6;tem"
      "perature_difference_c=32;fabrication_no=29481002;time_point_storage_16_datetime=2023-01-31"
      " 23:59;energy_forward_storage_16_kwh=1843.611111" },
    { "ei6500",
      "0BFD0F070101046D0007D82502FD17000082206CD825426CD0238440FF2C420F11008250FD61010082506CD825"
      "8260FD6101008360FD3101000082606CD8258270FD61020082706CD825",
      "software_version=010107;time_point_datetime=2022-05-24 07:00;time_point_tariff_2_date=2022"
      "-05-24;time_point_storage_1_date=2022-03-16;cumulation_tariff_1_subunit_1_counter=1;time_p"
      "oint_tariff_1_subunit_1_date=2022-05-24;cumulation_tariff_2_subunit_1_counter=1;tariff_dur"
      "ation_tariff_2_subunit_1_h=0.016667;time_point_tariff_2_subunit_1_date=2022-05-24;cumulati"
      "on_tariff_3_subunit_1_counter=2;time_point_tariff_3_subunit_1_date=2022-05-24" },
    { "caltose",
      "2F2F0B6E250200426C41314B6E99000082046C41328B046E0302008D04EE132C3BFE9900005200001000000000"
      "00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF2F2F2F2F",
      "consumption_hca=225;time_point_storage_1_date=2026-01-01;consumption_storage_1_hca=99;time"
      "_point_storage_8_date=2026-02-01;consumption_storage_8_hca=203;consumption_inverse_profile"
      "_storage_9_hca=99;time_point_inverse_profile_storage_9_date=2026-01-01;consumption_inverse"
      "_profile_storage_10_hca=52;time_point_inverse_profile_storage_10_date=2025-12-01;consumpti"
      "on_inverse_profile_storage_11_hca=10;time_point_inverse_profile_storage_11_date=2025-11-01"
      ";time_point_inverse_profile_storage_12_date=2025-10-01" },
    { "lansenrp",
      "2F2F04FD3A946709008240FD3A600002FD0F9500818040FD3A0084C040FD3A8838000042FD3A28008201FD3A8C"
      "05C101FD3A7F8202FD3A3804066D35122EFB2B0002FD46D00C",
      "dimensionless_counter=616340;dimensionless_subunit_1_counter=96;software_version=0095;dime"
      "nsionless_subunit_3_counter=14472;dimensionless_storage_1_counter=40;dimensionless_storage"
      "_2_counter=1420;dimensionless_storage_4_counter=1080;time_point_datetime=2023-11-27 14:18:"
      "53;voltage_v=3.28" },
    { "c5isf",
      "2F2F0406050200008410069A1700000413BC6F2E00840406E701000082046C2131841406C20B000082146C2131"
      "043B00000000042D0000000002595D09025D240802FD17000084800106050200008280016C213C948001AE2501"
      "000000849001069A1700008290016C213C849001AE25000000002F2F2F2F2F2F2F2F2F2F2F2F",
      "energy_kwh=517;energy_tariff_1_kwh=6042;volume_m3=3043.26;energy_storage_8_kwh=487;time_po"
      "int_storage_8_date=2025-01-01;time_point_storage_8_tariff_1_date=2025-01-01;flow_temperatu"
      "re_c=23.97;return_temperature_c=20.84;energy_storage_32_kwh=517;time_point_storage_32_date"
      "=2025-12-01;max_power_per_month_storage_32_kw=1;energy_storage_32_tariff_1_kwh=6042;time_p"
      "oint_storage_32_tariff_1_date=2025-12-01" },
    { "kamwater",
      "04FF23000000000413AEAC0000441364A80000426C812A023B000092013BEF01A2013B000006FF1B0670000970"
      "00A1015B0C91015B14A1016713",
      "volume_m3=44.206;volume_storage_1_m3=43.108;time_point_storage_1_date=2020-10-01;max_volum"
      "e_flow_storage_2_m3h=0.495;min_flow_temperature_storage_2_c=12;max_flow_temperature_storag"
      "e_2_c=20;min_external_temperature_storage_2_c=19" },
    { "kampress",
      "22696600126967000269660005FF091954A33A05FF0A99BD823A02FD170800",
      "min_pressure_bar=1.02;max_pressure_bar=1.03;pressure_bar=1.02" },
    { "topaseskr",
      "2F2F01FD08040C13991848004C1359423500CC101300000000CC201359423500426C7F2C0B3B00000002FD74DA"
      "10025AD300C4016D3B179F27CC011387124600",
      "access_counter=4;volume_m3=481.899;volume_storage_1_m3=354.259;volume_storage_1_tariff_2_m"
      "3=354.259;time_point_storage_1_date=2019-12-31;remaining_battery_life_y=11.811331;flow_tem"
      "perature_c=21.1;time_point_storage_3_datetime=2020-07-31 23:59;volume_storage_3_m3=461.287" },
    { "evo868",
      "2F2F041356850000046D0A340B3C04FD17000000000E786858000000004413D0620000426CFF2C8401137A8300"
      "0082016C1E3BD3013BCF0200C4016D09210E338104FD280182046C1E3B8404137A830000C40413BE7E00008405"
      "131A7B0000C405136B7600008406132A700000C40613ED6A00008407130F690000C40713536800008408136E67"
      "0000C40813EE65000084091330640000C40913D0620000",
      "volume_m3=34.134;time_point_datetime=2024-12-11 20:10;fabrication_no=000000005868;volume_s"
      "torage_1_m3=25.296;time_point_storage_1_date=2023-12-31;volume_storage_2_m3=33.658;time_po"
      "int_storage_2_date=2024-11-30;max_volume_flow_storage_3_m3h=0.719;time_point_storage_3_dat"
      "etime=2024-03-14 01:09;time_point_storage_8_date=2024-11-30;volume_storage_8_m3=33.658;vol"
      "ume_storage_9_m3=32.446;volume_storage_10_m3=31.514;volume_storage_11_m3=30.315;volume_sto"
      "rage_12_m3=28.714;volume_storage_13_m3=27.373;volume_storage_14_m3=26.895;volume_storage_1"
      "5_m3=26.707;volume_storage_16_m3=26.478;volume_storage_17_m3=26.094;volume_storage_18_m3=2"
      "5.648;volume_storage_19_m3=25.296" },
    { "em24",
      "2F2F04050100000004FB82750000000004FB82F53C00000000042A0000000004FB140000000004FB943C000000"
      "0004FDD9FC010000000004FDD9FC020000000004FDD9FC030000000004FDC8FC011709000004FDC8FC02EC0400"
      "0004FDC8FC03EC04000002FB2EF40101FD17002F2F2F",
      "energy_kwh=0.1;voltage_l1_v=232.7;voltage_l2_v=126;voltage_l3_v=126;frequency_hz=50" },
    { "lse_08",
      "82046C7F018B046E210300046D1A0E6F0202FDAC7E012301FD0C01",
      "time_point_storage_8_date=2003-01-31;consumption_storage_8_hca=321;time_point_datetime=200"
      "3-02-15 14:26;duration_since_readout_future_h=2.489167;model_version=01" },
    { "qheatv2",
      "0C05682235004C0580253200426CDF2CCC080525153500C2086CFE24326CFFFF046D1811F225",
      "energy_kwh=35226.8;energy_storage_1_kwh=32258;time_point_storage_1_date=2022-12-31;energy_"
      "storage_17_kwh=35152.5;time_point_storage_17_date=2023-04-30;time_point_datetime=2023-05-1"
      "8 17:24" },
    { "hydrocalm4",
      "046D2DAA153A0C03000000000C13000000008C4013999900008C804013888800000F6403000000000000",
      "time_point_datetime=2024-10-21 10:45;volume_subunit_1_m3=9.999;volume_subunit_2_m3=8.888" },
    { "kadenwater",
      "2F2F02FD1700000D780830303031323239310412CB6F0E00041258000000023B0000123B5B0304740000000004"
      "7400000000046D270C5E362F2F2F2F2F2F2F2F",
      "fabrication_no=19221000;volume_m3=94.6123;volume_m3_2=0.0088;max_volume_flow_m3h=0.859;tim"
      "e_point_datetime=2026-06-30 12:39" },
    { "hydrus",
      "2F2F0374111A000C13917213008C1013000000008C2013917213000B3B0000000B26784601025AF5000266EF00"
      "046D1B08B7214C1338861200CC101300000000CC201338861200426C9F2C42EC7EBF2C",
      "actuality_duration_s=6673;volume_m3=137.291;volume_tariff_2_m3=137.291;operating_time_h=14"
      "678;flow_temperature_c=24.5;external_temperature_c=23.9;time_point_datetime=2021-01-23 08:"
      "27;volume_storage_1_m3=128.638;volume_storage_1_tariff_2_m3=128.638;time_point_storage_1_d"
      "ate=2020-12-31" },
    { "qualcosonic",
      "046D030FB726346D0000010134FD170000000004200F13CF0104240F13CF0104863B0000000004863CDC000000"
      "0413B5150600042B86F1FFFF043B030200000259C002025D2C05026194FD0C780864010384086D3B17BF258408"
      "863B000000008408863C0B000000",
      "time_point_datetime=2021-06-23 15:03;error_time_point_datetime=2000-01-01 00:00;on_time_h="
      "8430.013056;operating_time_h=8430.013056;energy_backward_kwh=220;volume_m3=398.773;power_k"
      "w=-3.706;volume_flow_m3h=0.515;flow_temperature_c=7.04;return_temperature_c=13.24;temperat"
      "ure_difference_c=-6.2;fabrication_no=03016408;time_point_storage_16_datetime=2021-05-31 23"
      ":59;energy_backward_storage_16_kwh=11" },
    { "kamwater",
      "02FF207100041308190000441308190000615B7F616713",
      "volume_m3=6.408;volume_storage_1_m3=6.408;min_flow_temperature_storage_1_c=127;min_externa"
      "l_temperature_storage_1_c=19" },
    { "kamheat",
      "040E2D0A000004FF07F8FF000004FF08401801000413C1900500844014000000008480401400000000043BED00"
      "00000259BC06025DCD07142DE7FFFFFF84100E0000000084200E0000000004FF2200000000026C9228440E5F03"
      "00004413960D0200C4401400000000C480401400000000426C8128",
      "energy_kwh=723.611111;volume_m3=364.737;volume_flow_m3h=0.237;flow_temperature_c=17.24;ret"
      "urn_temperature_c=19.97;max_power_kw=-2.5;time_point_date=2020-08-18;energy_storage_1_kwh="
      "239.722222;volume_storage_1_m3=134.55;time_point_storage_1_date=2020-08-01" },
    { "hydrocalm4",
      "046D29AA153A0C03000000000C13000000008C1003050000008C1013040000000F6401000000000000",
      "time_point_datetime=2024-10-21 10:41;energy_tariff_1_kwh=0.005;volume_tariff_1_m3=0.004" },
    { "itron",
      "0413FD110000066D2C1AA1D521004413300F0000426CBF2C047F0000060C027F862A0E79678372082100",
      "volume_m3=4.605;time_point_datetime=2022-01-21 01:26:44;volume_storage_1_m3=3.888;time_poi"
      "nt_storage_1_date=2021-12-31;enhanced_id=002108728367" },
    { "waterstarm",
      "2F2F046D282A9E2704136A00000002FD17400004933C000000002F2F2F2F2F2F03FD0C08000002FD0B0011",
      "time_point_datetime=2020-07-30 10:40;volume_m3=0.106;model_version=000008;parameter_set=11"
      "00" },
    { "sharky",
      "2F2F0C06975100008C1006000000000C13849345000C2B000000000B3B0000000A5A06020A5E08020A6202F00B"
      "26110201CC020623500000CC021329554400C2026CDF2C2F2F2F2F2F2F2F2F2F2F2F2F",
      "energy_kwh=5197;volume_m3=459.384;flow_temperature_c=20.6;return_temperature_c=20.8;temper"
      "ature_difference_c=-0.2;operating_time_h=10211;energy_storage_5_kwh=5023;volume_storage_5_"
      "m3=445.529;time_point_storage_5_date=2022-12-31" },
    { "amiplus",
      "2F2F066DDE5E150D39800C78840809550AFDC9FC0139028E30833C0000000000008E20833C0000000000008E10"
      "833C4301000000000BABC8FC100000008E10035336420200008E20030000000000008E30030000000000000B2B"
      "9502000BAB3C0000002F2F2F2F2F2F2F2F2F2F2F2F2F",
      "voltage_l1_v=239;energy_backward_tariff_1_kwh=0.143;energy_tariff_1_kwh=2423.653;power_kw="
      "0.295" },
    { "abbb23",
      "0E840017495200000004FFA0150000000004FFA1150000000004FFA2150000000004FFA3150000000007FFA600"
      "000000000000000007FFA700000000000000000007FFA800000000000000000007FFA90000000000000000000D"
      "FD8E0007302E38322E31420DFFAA000B3030312D313131203332421F",
      "energy_kwh=5249.17;firmware_version=B1.28.0" },
    { "amiplus",
      "2F2F066D37090E2232050C78266408000AFDC9FC0142020AFDC9FC0240020AFDC9FC0338028E30833C00000000"
      "00008E20833C0000000000008E10833C0000000000000BABC8FC100000008E10030750030000008E2003537906"
      "0000008E30030000000000000B2B1307000BAB3C0000002F2F2F2F2F2F2F2F2F2F2F2F2F2F2F2F",
      "voltage_l1_v=242;voltage_l2_v=240;voltage_l3_v=238;energy_tariff_1_kwh=35.007;energy_tarif"
      "f_2_kwh=67.953;power_kw=0.713" },
    { "sensostar",
      "2F2F046D25248A2B04063D1F000001FD17000415265F00004406131F0000840106901E0000C40106841E000084"
      "0206841E0000C402067A1E0000840306541E0000C40306021E00008404069E1D0000C40406D71C0000840506F2"
      "1B0000C40506681A00008406061E190000C40606EB1700008407061C170000C40706EE1600002F2F2F2F2F2F2F"
      "2F2F2F2F2F2F2F2F2F",
      "time_point_datetime=2020-11-10 04:37;energy_kwh=7997;volume_m3=2435.8;energy_storage_1_kwh"
      "=7955;energy_storage_2_kwh=7824;energy_storage_3_kwh=7812;energy_storage_4_kwh=7812;energy"
      "_storage_5_kwh=7802;energy_storage_6_kwh=7764;energy_storage_7_kwh=7682;energy_storage_8_k"
      "wh=7582;energy_storage_9_kwh=7383;energy_storage_10_kwh=7154;energy_storage_11_kwh=6760;en"
      "ergy_storage_12_kwh=6430;energy_storage_13_kwh=6123;energy_storage_14_kwh=5916;energy_stor"
      "age_15_kwh=5870" },
    { "gransystems",
      "046D0813BC21040300000000841003000000008420030000000084300300000000848010030000000084016D00"
      "00BC218401030000000084110300000000842103000000008431030000000084811003000000008440FD482509"
      "0000848040FD480000000084C040FD48000000008440FD5B00000000848040FD5B0000000084C040FD5B000000"
      "0002FB2D881304FD1702000101",
      "time_point_datetime=2021-01-28 19:08;time_point_storage_2_datetime=2021-01-28 00:00;voltag"
      "e_subunit_1_v=234.1;frequency_hz=50" },
    { "sontex868",
      "046D040A9F2A036E770000426CE1F7436E660000525900008288016C61258388016E0000008D8801EE1E3533FE"
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000005FF2D0000803F8520FF2D0000803F0259AD0A0265D8041259AD0A8310FD3100000082106C0101"
      "8110FD610082206C9F2A0BFD0F01030102FF2C000002FD66AC08",
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
