#include "adapters/dvcqg_bill.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "adapters/adapter.h"
#include "base/base.h"
#include "base/json.h"

#define FEES_AND_CHARGES "2" /* MaDichVu */

static void
put_amount(struct json *j, const char *name, struct money amount)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, amount.dong);
	json_put_text(j, name, text);
}

static struct json *
fees(const struct pay_terms *t, const struct pay_bill *b)
{
	struct json *list = json_new_list(), *item;

	for (size_t i = 0; i < b->line_count; i++) {
		const struct pay_line *l = &b->lines[i];

		item = json_new_object();
		json_put_text(item, "LoaiPhiLePhi",
		    l->charge ? t->charge_kind : t->fee_kind);
		json_put_text(item, "MaPhiLePhi", l->code);
		json_put_text(item, "TenPhiLePhi", l->title);
		put_amount(item, "SoTien", l->amount);
		json_add(list, item);
	}
	return list;
}

static struct json *
sums(const struct pay_bill *b)
{
	struct json *list = json_new_list(), *item;

	for (size_t i = 0; i < b->line_count; i++) {
		item = json_new_object();
		json_put_text(item, "NoiDung", b->lines[i].title);
		put_amount(item, "SoTien", b->lines[i].amount);
		json_add(list, item);
	}
	return list;
}

struct json *
dvcqg_bill(const struct pay_terms *t, const struct pay_order *o)
{
	static const char *const empty[] = { "MaLoaiHinhThuPhat",
		"DiaChiNguoiNop", "HuyenNguoiNop", "TinhNguoiNop", "MaCoQuanQD",
		"TenCoQuanQD", "KhoBac", "NgayQD", "SoQD", "ThoiGianViPham",
		"DiaDiemViPham", "TenNguoiViPham", "TaiKhoanThuNSNN" };
	const struct pay_bill *b = o->bill;
	struct json *j = json_new_object();
	struct buf info = { 0 };

	assert(b != NULL);
	assert(o->payee != NULL);

	pay_info(&info, "Nop phi ho so ", o->subject);
	json_put_text(j, "MaDichVu", FEES_AND_CHARGES);
	json_put_text(j, "TKThuHuong", o->payee->account);
	json_put_text(j, "MaNHThuHuong", o->payee->bank);
	json_put_text(j, "TenTKThuHuong", o->payee->name);
	json_put(j, "PhiLePhi", fees(t, b));
	json_put_text(j, "MaDonVi", b->unit_code);
	json_put_text(j, "TenDonVi", b->unit_name);
	json_put_text(j, "MaHoSo", o->subject);
	json_put_text(j, "MaTTHC", b->procedure_code);
	json_put_text(j, "TenTTHC", b->procedure_name);
	json_put_text(j, "MaDVC", b->procedure_code);
	json_put_text(j, "TenDVC", b->procedure_name);
	json_put_text(j, "NoiDungThanhToan", info.data);
	json_put_text(j, "HoTenNguoiNop", b->payer_name);
	json_put_text(j, "SoCMNDNguoiNop", b->payer_id);
	for (size_t i = 0; i < nitems(empty); i++)
		json_put_text(j, empty[i], "");
	json_put(j, "DSKhoanNop", sums(b));
	buf_release(&info);
	return j;
}
