package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
)

// orderID is an order of acme's. Others get the answer that they would get if
// it did not exist.
const orderID = 13

// printReports prints what one person may see. It is the program as it was
// before it had policies: no tenant and no role is in its queries.
func printReports(ctx context.Context, w io.Writer, db *sql.DB) error {
	if err := topCustomers(ctx, w, db, 3); err != nil {
		return fmt.Errorf("top customers: %w", err)
	}
	if err := monthlyRevenue(ctx, w, db, 2024); err != nil {
		return fmt.Errorf("monthly revenue: %w", err)
	}
	if err := orderLines(ctx, w, db, orderID); err != nil {
		return fmt.Errorf("order %d: %w", orderID, err)
	}
	return nil
}

// topCustomers lists those who bought for most.
func topCustomers(ctx context.Context, w io.Writer, db *sql.DB, limit int) error {
	rows, err := db.QueryContext(ctx, `
		SELECT c.full_name, COUNT(*) AS orders, SUM(o.amount) AS revenue
		FROM customers AS c
		JOIN orders AS o ON o.customer_id = c.id
		WHERE o.status <> 'cancelled'
		GROUP BY c.id, c.full_name
		ORDER BY revenue DESC, c.id
		LIMIT ?`, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Fprintf(w, "Top customers\n")
	for rows.Next() {
		var name string
		var orders int
		var revenue float64
		if err := rows.Scan(&name, &orders, &revenue); err != nil {
			return err
		}
		fmt.Fprintf(w, "  %-24s %3d orders %12.2f\n", name, orders, revenue)
	}
	fmt.Fprintln(w)
	return rows.Err()
}

// monthlyRevenue sums a year's orders month by month, with one prepared statement.
func monthlyRevenue(ctx context.Context, w io.Writer, db *sql.DB, year int) error {
	stmt, err := db.PrepareContext(ctx, `
		SELECT COUNT(*), COALESCE(SUM(amount), 0)
		FROM orders
		WHERE EXTRACT(YEAR FROM ordered_at) = ? AND EXTRACT(MONTH FROM ordered_at) = ? AND status <> 'cancelled'`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	fmt.Fprintf(w, "Revenue of %d by month\n", year)
	for month := 1; month <= 12; month++ {
		var orders int
		var revenue float64
		if err := stmt.QueryRowContext(ctx, year, month).Scan(&orders, &revenue); err != nil {
			return err
		}
		fmt.Fprintf(w, "  %d-%02d %3d orders %12.2f\n", year, month, orders, revenue)
	}
	fmt.Fprintln(w)
	return nil
}

// orderLines prints an order and its lines as of one moment, in a transaction.
func orderLines(ctx context.Context, w io.Writer, db *sql.DB, id int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // it only reads, so there is nothing to commit

	var customer, status string
	err = tx.QueryRowContext(ctx, `
		SELECT c.full_name, o.status
		FROM orders AS o
		JOIN customers AS c ON c.id = o.customer_id
		WHERE o.id = ?`, id).Scan(&customer, &status)
	if errors.Is(err, sql.ErrNoRows) {
		fmt.Fprintf(w, "Order %d: there is no such order\n\n", id)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Order %d of %s, %s\n", id, customer, status)
	rows, err := tx.QueryContext(ctx, `
		SELECT p.name, l.quantity, l.unit_price, l.line_total
		FROM order_lines AS l
		JOIN products AS p ON p.id = l.product_id
		WHERE l.order_id = ?
		ORDER BY l.id`, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var product string
		var quantity int
		var price, total float64
		if err := rows.Scan(&product, &quantity, &price, &total); err != nil {
			return err
		}
		fmt.Fprintf(w, "  %-24s %3d x %9.2f %12.2f\n", product, quantity, price, total)
	}
	fmt.Fprintln(w)
	return rows.Err()
}
